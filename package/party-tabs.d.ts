import type { Transport } from "./party.js";

/**
 * The way to `room` among the tabs of this browser that show pages of this site. One of them keeps the room; when it goes, another
 * one goes on with it. Throws where `navigator.locks` is missing, which needs https or localhost.
 */
export function tabs(room: string): Transport;
