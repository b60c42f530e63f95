import type { Transport } from "./party.js";

/** What is used of a socket of socket.io's client. */
export interface ClientSocket {
  readonly connected: boolean;
  readonly active: boolean;
  connect(): unknown;
  emit(event: string, ...details: unknown[]): unknown;
  on(event: string, listener: (...details: any[]) => void): unknown;
  once(event: string, listener: (...details: any[]) => void): unknown;
  off(event: string, listener: (...details: any[]) => void): unknown;
}

/**
 * The way to `room` on the page's own socket, where `watchParty` of `watchparty-player/party-server` keeps it. One socket is in one
 * room at a time. The socket stays the page's: leaving the room does not close it.
 */
export function socketio(socket: ClientSocket, room: string): Transport;
