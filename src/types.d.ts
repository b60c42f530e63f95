
/** Where a film's manifest is: its address, or an answer that has been asked for already. */
export type Source = string | Response | Promise<Response>;

/** What `Player.play` came to. */
export type PlayResult = "playing" | "muted" | "blocked";

/** Every code has its cause and remedy in docs/errors.md. */
export type ErrorCode =
  | "media-source-missing"
  | "option-invalid"
  | "argument-invalid"
  | "superseded"
  | "destroyed"
  | "browser-refused"
  | "engine-missing"
  | "subtitles-network"
  | "subtitles-invalid"
  | "manifest-network"
  | "manifest-invalid"
  | "init-invalid"
  | "init-mismatch"
  | "unsupported"
  | "network"
  | "refused"
  | "wrong-object"
  | "integrity"
  | "uncheckable"
  | "content-changed"
  | "malformed"
  | "decoder";

/** Thrown, rejected with, and the detail of `error` events. */
export interface PlayerError extends Error, ErrorDetails {
  name: "PlayerError";
}

/** The details of the events; times are in seconds, lengths of time (`after`, `within`) in milliseconds. */
export interface PlayerEvents {
  state: CustomEvent<StateDetail>;
  loaded: CustomEvent<null>;
  reopening: CustomEvent<ReopeningDetail>;
  firstframe: CustomEvent<AfterDetail>;
  seeking: CustomEvent<SeekDetail>;
  seeked: CustomEvent<SeekDetail>;
  stalled: CustomEvent<StallDetail>;
  "stall-predicted": CustomEvent<StallPredictedDetail>;
  recovered: CustomEvent<AfterDetail>;
  /** After a fatal error of the network the film goes on by itself. */
  reconnected: CustomEvent<null>;
  retrying: CustomEvent<RetryingDetail>;
  damaged: CustomEvent<DamagedDetail>;
  unchecked: CustomEvent<UncheckedDetail>;
  "content-changed": CustomEvent<NewCutDetail>;
  steppedover: CustomEvent<SteppedOverDetail>;
  response: CustomEvent<ResponseDetail>;
  buffer: CustomEvent<BufferDetail>;
  /** `audioTracks` or `textTracks` are others than before, or another is active. */
  tracks: CustomEvent<null>;
  complete: CustomEvent<null>;
  ended: CustomEvent<null>;
  error: CustomEvent<PlayerError>;
}

export interface Player {
  dispatchEvent(event: Event): boolean;
  addEventListener<K extends keyof PlayerEvents>(
    type: K,
    listener: (event: PlayerEvents[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof PlayerEvents>(
    type: K,
    listener: (event: PlayerEvents[K]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
}
