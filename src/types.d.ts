
/** Where a film's manifest is: its address, how to ask for it, or an answer that has been asked for already. */
export type Source = Place | Promise<Place>;
export type Place = string | URL | Request | Response;

/**
 * Changes a request before it is sent, or gives another in its place: to sign it, to add a header, to ask elsewhere. What it
 * rejects with is a failure of the request, which is sent again as others are.
 */
export type RequestHook = (request: Request, purpose: RequestPurpose) => Request | void | Promise<Request | void>;

/** A picture of the film, or a region of one. */
export interface Thumbnail {
  /** Of the whole picture, absolute. */
  url: string;
  /** From which moment of the film on it stands for the film, in seconds. */
  start: number;
  /** Up to which. */
  end: number;
  /** Left edge of the region, in pixels. */
  x: number;
  /** Its upper edge. */
  y: number;
  /** `null` is all of the picture. */
  width: number | null;
  height: number | null;
}

/** What `Player.play` came to. */
export type PlayResult = "playing" | "muted" | "blocked";

/** Every code has its cause and remedy in docs/errors.md. */
export type ErrorCode =
  | "media-source-missing"
  | "option-invalid"
  | "argument-invalid"
  | "no-film"
  | "aborted"
  | "superseded"
  | "destroyed"
  | "browser-refused"
  | "gesture-needed"
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

/** That the next group comes from another rendition than the one before. */
export interface RenditionDetail {
  /** Numbers of streams. */
  from: number;
  to: number;
  /** Where in the film, in seconds. */
  at: number;
  /** For people. */
  why: string;
  /** What stands against the next higher one; `null` where there is none. */
  whyNotNext: string | null;
}

/** The details of the events; times are in seconds, lengths of time (`after`, `within`) in milliseconds. */
export interface PlayerEvents {
  state: CustomEvent<StateDetail>;
  /** The film's length and tracks are known to the media element; again after `reopening`. */
  loaded: CustomEvent<null>;
  /** The media element has another source, or another player: this one has let go of it, until it loads a film again. */
  detached: CustomEvent<null>;
  /** The decoder has failed, or the page has called the element's `load()`: the film goes on with another MediaSource. */
  reopening: CustomEvent<ReopeningDetail>;
  firstframe: CustomEvent<AfterDetail>;
  /** The element has begun to play, has been paused, plays at another rate; with who wanted that. */
  play: CustomEvent<OriginDetail>;
  pause: CustomEvent<OriginDetail>;
  rate: CustomEvent<RateDetail>;
  seeking: CustomEvent<SeekDetail>;
  seeked: CustomEvent<SeekDetail>;
  /** A seek has come to rest: for `seekRest` seconds no other has begun. Whoever scrubs is told of once. */
  seek: CustomEvent<SeekDetail>;
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
  /** The next group comes from another rendition than the one before. */
  rendition: CustomEvent<RenditionDetail>;
  /** The film has several renditions, and what chooses among them is there. */
  renditions: CustomEvent<null>;
  /** `audioTracks` or `textTracks` are others than before, or another is active. */
  tracks: CustomEvent<null>;
  complete: CustomEvent<null>;
  ended: CustomEvent<null>;
  error: CustomEvent<PlayerError>;
}

export interface Player extends EventTarget {
  addEventListener<K extends keyof PlayerEvents>(
    type: K,
    listener: ((event: PlayerEvents[K]) => void) | { handleEvent(event: PlayerEvents[K]): void } | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof PlayerEvents>(
    type: K,
    listener: ((event: PlayerEvents[K]) => void) | { handleEvent(event: PlayerEvents[K]): void } | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}
