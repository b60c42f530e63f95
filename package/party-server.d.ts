import type { Control, Policy } from "./party.js";

/** What is used of a server of socket.io, or of one of its namespaces. */
export interface SocketServer<Socket> {
  on(event: "connection", listener: (socket: Socket) => void): unknown;
  off(event: "connection", listener: (socket: Socket) => void): unknown;
  readonly sockets: unknown;
}

/** What the host says of a member. */
export interface Grant {
  /** Whether it is the room's host; where that is said of nobody, the first one becomes it. */
  host?: boolean;
  /** What others call it, whatever it says itself. */
  name?: string;
}

/** Limits that are no finite numbers make `watchParty` throw a TypeError. */
export interface WatchPartyOptions<Socket> {
  /**
   * Whether the client behind `socket` may enter `room`, and as whom; `token` is what it has given to `join`. Without it whoever
   * knows a room's name may enter, and names have 22 to 64 characters of base64url; with it, 1 to 64.
   */
  admit?: (socket: Socket, room: string, token: string | undefined) => boolean | Grant | null | Promise<boolean | Grant | null>;
  /** Rooms at once: 10,000. The one that was empty longest gives way to a new one. */
  maxRooms?: number;
  /** Members of one room at once, 1 to 100: 50. */
  maxMembers?: number;
  /** Members of all rooms at once: 12,000. */
  maxClients?: number;
  /** Messages of one client in a second, of which a fifth may be commands: 50, and twice that at once. What is more waits. */
  maxRate?: number;
}

/** A member as all others see it; what it reports is described in docs/party.md. */
export interface RoomMember {
  id: number;
  name: string;
  host: boolean;
  /** Whether it is there; one that has lost its connection is kept its seat for two minutes. */
  present: boolean;
  awaited: boolean;
  late: boolean;
  report?: Record<string, unknown>;
}

/** A room; `position` in microseconds at the time `at`, `rate` in millionths. */
export interface RoomView {
  state: {
    stamp: { epoch: number; rev: number };
    content?: string;
    phase: "paused" | "waiting" | "playing";
    position: number;
    rate: number;
    at: number;
    until?: number;
    control: Control;
    policy: Policy;
    by?: number;
    cause: string;
  };
  members: RoomMember[];
}

export interface WatchParty {
  /** How many rooms there are, those that are empty for less than five minutes among them. */
  readonly rooms: number;
  /** How many clients are in one. */
  readonly clients: number;
  /** What a room does and its members, those who are away for less than two minutes too; `null` where there is none of that name. */
  room(name: string): RoomView | null;
  /** Tells every member to come back soon, and keeps rooms no longer. The sockets stay open, without a listener of this. */
  close(): void;
}

/**
 * Keeps rooms for the clients of `io`, those that are there already among them, who come to them by `socketio` of
 * `watchparty-player/party-socketio`. Its only event is `watchparty`; whatever else the sockets serve goes on beside it.
 */
export function watchParty<Socket>(io: SocketServer<Socket>, options?: WatchPartyOptions<Socket>): WatchParty;
