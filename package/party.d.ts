/** What a member does. */
export type Activity = "playing" | "holding" | "buffering" | "blocked" | "apart" | "elsewhere";

/** Who may command. */
export type Control = "anyone" | "host";

/** For whom a room waits, at most `limit` seconds (1 to 60). */
export type Policy = "never" | { all: { limit: number } } | { quorum: { percent: number; limit: number } };

/** What a member may want for all; places in seconds, rates as `playbackRate` has them. The last three only the host may. */
export type Action =
  | "play"
  | "pause"
  | { seek: number }
  | { rate: number }
  | { content: string }
  | { control: Control }
  | { policy: Policy }
  | { host: number };

/** What all do. */
export interface RoomState {
  /** Counts the changes of the room. */
  rev: number;
  /** The content id of the cut that is watched. */
  content?: string;
  phase: "paused" | "waiting" | "playing";
  /** Where the room is now, in seconds. */
  position: number;
  rate: number;
  /** Until when it waits at the latest, on the clock of `performance.now()`; `null` while it does not, or waits for more of a film that still goes up. */
  until: number | null;
  control: Control;
  policy: Policy;
  /** Whose doing the last change is, if it is anybody's. */
  by?: number;
  cause:
    | "opened" | "restored" | "play" | "pause" | "seek" | "rate" | "content" | "settings" | "stall" | "ready" | "deadline"
    | "unknown";
}

/** A member as all see it. */
export interface PartyMember {
  id: number;
  name: string;
  /** Whether it is this viewer. */
  me: boolean;
  host: boolean;
  /** Whether it is connected. */
  present: boolean;
  /** Whether the room waits for it at the moment. */
  awaited: boolean;
  /** Whether the room no longer waits for it, until it has caught up. */
  late: boolean;
  activity: Activity;
  /** Where it is in the film, in seconds; `null` while that is unknown. */
  position: number | null;
  /** How many seconds it has ahead of that. */
  buffered: number;
  /** Whether it can play on from where the room is. */
  ready: boolean;
  /** How far ahead of the room it is, in milliseconds, below zero behind; `null` while that is unknown. */
  drift: number | null;
}

/** A correction of this player; `drift` in milliseconds is what it is for. */
export interface Steering {
  action: "play" | "pause" | "seek" | "rate";
  /** A place in seconds, or a rate. */
  to?: number;
  reason: "command" | "in-time" | "drift" | "far" | "lasting" | "corrected" | "resync";
  drift?: number;
}

/** The details of a party's events; lengths of time are in milliseconds. */
export interface PartyEvents {
  joined: CustomEvent<{ id: number }>;
  /** The way to the room is lost, and is tried again after that time; `why` is what the room said, `null` where it fell silent. */
  lost: CustomEvent<{ again: number; why: "full" | "slow" | "restart" | "unknown" | null }>;
  /** It is over for good: the viewer left, or the room does not let it in. */
  ended: CustomEvent<{ why: "left" | "replaced" | "forbidden" | "version" | "misbehaved" }>;
  /** What all do is something else. */
  changed: CustomEvent<RoomState>;
  members: CustomEvent<PartyMember[]>;
  following: CustomEvent<{ following: boolean }>;
  /** Whether the browser refuses to play before a gesture. */
  blocked: CustomEvent<{ blocked: boolean }>;
  /** The others watch another cut: load it to follow. */
  "other-content": CustomEvent<{ content: string }>;
  /** What the viewer wanted does not happen; without `why` the room could not be reached. */
  refused: CustomEvent<{ action: Action; why: "stale" | "not-allowed" | "impossible" | "unknown" | null }>;
  "clock-jumped": CustomEvent<null>;
  steer: CustomEvent<Steering>;
}

/**
 * A way to a room: anything that carries texts, and may lose, repeat and reorder them. It does not try again by itself. The
 * callbacks are set by the party.
 */
export interface Transport {
  /** What the room is called. With a name, a reload of the page is the same member. */
  room?: string;
  open(): void;
  close(): void;
  send(text: string): void;
  onopen?: (() => void) | null;
  onclose?: (() => void) | null;
  onmessage?: ((text: string) => void) | null;
}

export interface JoinOptions {
  /** What others call this viewer. */
  name?: string;
  /** Leave to enter, where the relay asks for one. */
  token?: string;
  /** Who may command in a room that is new: `"anyone"`. */
  control?: Control;
  /** For whom a room that is new waits: `{ all: { limit: 10 } }`. */
  policy?: Policy;
  /** How much later than the browser says sound is heard, as over Bluetooth, in milliseconds. */
  latency?: number;
  /** The content id, where the manifest has none. */
  content?: string;
}

/** A player's part in a room. */
export interface Party extends EventTarget {
  /** The room's name, or its address; `null` where the page brought a way that does not say. */
  readonly room: string | null;
  /** `null` before the room has answered. */
  readonly state: RoomState | null;
  readonly members: PartyMember[];
  /** How far ahead of the room this player is, in milliseconds; `null` while that is not known. */
  readonly drift: number | null;
  /** The room's clock less `performance.now()`, and how far off that may be, in milliseconds. */
  readonly clock: { offset: number; bound: number } | null;
  readonly connected: boolean;
  /** Whether this viewer does what the others do. */
  readonly following: boolean;
  /** Whether the browser refuses to play before a gesture. */
  readonly blocked: boolean;
  /** Whether this viewer may want that for all. */
  may(action: Action): boolean;
  /** Wants something for all. What the viewer does to the player with the origin `user` is wanted for all by itself. */
  command(action: Action): void;
  /** Does what the others do, or no longer. */
  follow(follows?: boolean): void;
  /** Goes where the others are, now. */
  resync(): void;
  /** Leaves the room for good. */
  leave(): void;
  addEventListener<K extends keyof PartyEvents>(
    type: K,
    listener: ((event: PartyEvents[K]) => void) | { handleEvent(event: PartyEvents[K]): void } | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof PartyEvents>(
    type: K,
    listener: ((event: PartyEvents[K]) => void) | { handleEvent(event: PartyEvents[K]): void } | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** A WebSocket of a relay. */
export function webSocket(url: string): Transport;

/** Where the page's own relay (`origin --party`) has that room. */
export function relay(room: string): Transport;
