
/** Where a film's manifest is: its address, or an answer that has been asked for already. */
export type Source = string | Response | Promise<Response>;

/** Who wanted a seek. */
export type SeekOrigin = "user" | "party" | "program";

/** What `Player.play` came to. */
export type PlayResult = "playing" | "muted" | "blocked";

/** What the player is doing. */
export type PlayerState = "idle" | "loading" | "ready" | "stalled" | "ended" | "failed";

/**
 * How much comes before anybody plays: nothing, the manifest, or the film. An element that plays already, or has
 * `autoplay`, waits for nothing.
 */
export type Preload = "none" | "metadata" | "auto";

/** Times are in seconds; what is absent keeps its default. */
export interface PlayerOptions {
  /** `"auto"`; `"metadata"` where the viewer asks browsers to save data. */
  preload?: Preload;
  /**
   * Begin where this viewer left the film, unless `load` says otherwise: `false`. The position is kept in the browser's
   * local storage under the film's content id.
   */
  resume?: boolean;
  /** To keep buffered ahead of the playhead: 30; 10 where the viewer asks browsers to save data. */
  ahead?: number;
  /**
   * To keep ahead at first over a link that carries the film three times: 10. It grows to `ahead` by a sixth of what has been
   * watched since the start, or since the last seek to where nothing was buffered. With as much as `ahead`, all of that is
   * fetched at once.
   */
  aheadAtFirst?: number;
  /** The same after a seek of the party's to where nothing was buffered: 20. One who stalls keeps all the others waiting. */
  aheadAtFirstInParty?: number;
  /** To keep behind the playhead: 30. */
  behind?: number;
  /** At most so many bytes ahead in each stream: 60 MB. */
  aheadBytes?: number;
  /** With less than that ahead, pieces are appended as they arrive: 5. */
  low?: number;
  /** Holes in the film up to that long are stepped over: 0.5. */
  hole?: number;
  /** A playhead that stands still for that long with data before it is nudged: 1. */
  nudge?: number;
  /** No byte for that long is a failure: 10. There is no limit on a whole download. */
  silence?: number;
  /** Wait before the first retry: 0.25, doubled each time. */
  backoff?: number;
  /** Up to that: 8. */
  longestBackoff?: number;
  /**
   * Whether fragments are held against their digests: `"preferred"`, where that is possible. With `"required"`, what
   * cannot be checked is not shown, and a film that cannot be is an error.
   */
  integrity?: "off" | "preferred" | "required";
  /** How often to look for a new cut of the film: never. */
  poll?: number;
  /** What the connection is taken to carry before anything has been measured, in bits per second: 5e6. */
  bandwidth?: number;
  /** After that long an audio stream that is selected takes over: 2. */
  handover?: number;
  /** Failures in a row until a fatal error: 8. */
  attempts?: number;
}

export interface LoadOptions {
  /** Where to begin, in seconds: 0. */
  startTime?: number;
}

export interface SeekOptions {
  /** Comes back in the events `seeking` and `seeked`: `"program"`. */
  origin?: SeekOrigin;
}

export interface AudioTrackInfo {
  id: number;
  label: string | null;
  /** BCP 47. */
  language: string | null;
  channels: number | null;
  /** Whether the film begins with it. */
  default: boolean;
  /** Whether it is the one that plays. */
  active: boolean;
}

export interface TextTrackInfo {
  id: number;
  label: string;
  /** BCP 47. */
  language: string | null;
  /** Whether the film brings it; otherwise the viewer did. */
  fromFilm: boolean;
  /** Whether it is shown. */
  active: boolean;
}

/** WebVTT or SubRip, in UTF-8. */
export interface TextTrackSource {
  src: string | Blob;
  label?: string;
  /** BCP 47. */
  language?: string;
}

/** A moment of the film and the moment of `performance.now()` at which it was shown. */
export interface Position {
  /** In seconds. */
  mediaTime: number;
  /** In milliseconds. */
  at: number;
}

export interface Stats {
  /** From the network, so far. */
  receivedBytes: number;
  /** Received and not yet appended. */
  heldBytes: number;
  /** Held by the SourceBuffers. */
  bufferedBytes: number;
  /** Seconds that can be played without another byte. */
  bufferedAhead: number;
  /** Bits per second while bytes are awaited, and from 0 to 1 what that is worth. */
  bandwidth: number;
  confidence: number;
  /** From a request to its answer's head, in milliseconds; `null` before the first. */
  latency: number | null;
  /** Milliseconds from `load`'s film to each step; `null` before it. */
  start: {
    opened: number | null;
    head: number | null;
    byte: number | null;
    appended: number | null;
    frame: number | null;
  };
  requests: number;
  /** Of those, because another had failed. */
  retries: number;
  mediaBytes: number;
  tableBytes: number;
  /** To learn when chunks without an index begin. */
  surveyBytes: number;
  /** Read past, because a server ignores Range. */
  passedBytes: number;
  /** Thrown away before they were appended. */
  droppedBytes: number;
  /** Of groups of which something has been shown; what is fetched and shown again counts again. */
  shownBytes: number;
  /** Appended, and gone before anything of their group was shown. */
  unseenBytes: number;
  /**
   * Received, and not shown yet. `mediaBytes` is always the sum of `passedBytes`, `droppedBytes`, `shownBytes`,
   * `unseenBytes` and these.
   */
  waitingBytes: number;
  checkedFragments: number;
  checkedBytes: number;
  uncheckedBytes: number;
  damagedFragments: number;
  damagedTables: number;
  quotaErrors: number;
  holes: number;
  nudges: number;
  seeks: number;
  /** `time` in milliseconds. */
  stalls: { cause: StallCause; count: number; time: number }[];
  /** What the edge cache said when a chunk was last asked for (CF-Cache-Status, otherwise Age). */
  edge: { stream: number; chunk: number; status: "hit" | "miss" | "other" }[];
  /** Of each chunk the bytes whose digests were right; what was fetched twice counts twice. */
  verified: { stream: number; chunk: number; bytes: number }[];
  droppedFrames: number;
}

export type StallCause = "network" | "offline" | "seek" | "decoder";

export interface ChunkInfo {
  /** Relative to the manifest. */
  url: string;
  bytes: number;
  /** In seconds; `null` while a film without an index has not told. */
  start: number | null;
  end: number | null;
}

export interface StreamInfo {
  kind: "video" | "audio" | "muxed" | null;
  mime: string | null;
  language: string | null;
  label: string | null;
  chunks: ChunkInfo[];
}

export interface SubtitlesInfo {
  /** Absolute. */
  url: string;
  language: string | null;
  label: string | null;
  default: boolean;
}

/** A WebVTT file whose cues name regions of pictures: `sprite.jpg#xywh=0,0,160,90`. */
export interface ThumbnailsInfo {
  /** Absolute. */
  url: string;
}

/** A part of the film; it lasts until the next begins or the film ends. */
export interface ChapterInfo {
  /** In seconds. */
  start: number;
  /** May be empty. */
  title: string;
}

export interface FilmInfo {
  /** The content id; a plain array has none. */
  id: string | null;
  name: string | null;
  streams: StreamInfo[];
  subtitles: SubtitlesInfo[];
  thumbnails: ThumbnailsInfo | null;
  chapters: ChapterInfo[];
}

/** A request under way: bytes `start..offset` of that chunk have come. */
export interface RequestUnderWay {
  stream: number;
  chunk: number;
  start: number;
  offset: number;
}

export interface Flow {
  requests: RequestUnderWay[];
  /** For each stream, in plain words, what is done about its next bytes or why nothing is; `null` for one that does not play. */
  activity: (string | null)[];
  /** What the player waits for though nothing happens, in plain words. */
  wait: string | null;
  /** For each stream, its SourceBuffer's ranges in seconds. */
  buffered: [number, number][][];
}

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
  | "manifest-network"
  | "manifest-invalid"
  | "init-invalid"
  | "init-mismatch"
  | "unsupported"
  | "network"
  | "refused"
  | "integrity"
  | "uncheckable"
  | "content-changed"
  | "malformed"
  | "decoder";

/** Thrown, rejected with, and the detail of `error` events. */
export interface PlayerError extends Error {
  name: "PlayerError";
  code: ErrorCode;
  /** Whether the film does not play. */
  fatal: boolean;
  /** What helps. */
  remedy: string;
  /** Where it happened, as far as that is known. */
  context: { stream?: number; url?: string } | null;
  /** The attempts that failed, the oldest first; `at` on the clock of `performance.now()`. */
  history: { at: number; offset: number; failure: string }[];
}

/** The details of the events; times are in seconds, lengths of time (`after`) in milliseconds. */
export interface PlayerEvents {
  state: CustomEvent<{ state: PlayerState }>;
  loaded: CustomEvent<null>;
  /** The decoder has failed, and another MediaSource takes its place; `loaded` follows. */
  reopening: CustomEvent<{ message: string }>;
  firstframe: CustomEvent<{ after: number }>;
  seeking: CustomEvent<{ to: number; origin: SeekOrigin }>;
  seeked: CustomEvent<{ to: number; origin: SeekOrigin }>;
  stalled: CustomEvent<{ cause: StallCause }>;
  /** At the rate at which bytes come, playback will stand still at `at`, in `within` milliseconds. */
  "stall-predicted": CustomEvent<{ at: number; within: number }>;
  recovered: CustomEvent<{ after: number }>;
  retrying: CustomEvent<{ code: ErrorCode; message: string; after: number }>;
  /** Bytes `start..end` of a chunk are not those that were cut; they are fetched again. */
  damaged: CustomEvent<{ stream: number; url: string; start: number; end: number }>;
  /** A chunk, or without `url` the film, plays without a check: `cause` is `"context"`, or what is wrong with its table. */
  unchecked: CustomEvent<{ url: string | null; cause: string }>;
  /** Another cut of the film has been published; the old one keeps playing. */
  "content-changed": CustomEvent<{ id: string | null }>;
  steppedover: CustomEvent<{ from: number; to: number }>;
  /** An answer; `cache` is what an edge cache says of it (CF-Cache-Status). */
  response: CustomEvent<{ stream: number; chunk: number; status: number; cache: string | null }>;
  buffer: CustomEvent<{ ahead: number }>;
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
