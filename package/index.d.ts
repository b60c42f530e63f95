import type { InitInput, Player as Engine, PlayerOptions } from "./engine.js";

export type {
  AfterDetail, AudioTrackInfo, BufferDetail, ChapterInfo, ChunkEdge, ChunkInfo, ChunkVerified, Credentials, DamagedDetail, ErrorAction, ErrorCode,
  ErrorContext, ErrorDetails, FailedAttempt, FilmInfo, Flow, Integrity, LoadOptions, NewCutDetail, PlayerError, PlayerEvents,
  Place, PlayerOptions, PlayerState, PlayResult, Position, Preload, ReopeningDetail, RequestHook, RequestKind, RequestPurpose, RequestUnderWay, ResponseDetail, RetryingDetail, SeekDetail,
  SeekOptions, SeekOrigin, Source, StallCause, StallDetail, StallPredictedDetail, StallStats, StartTimes, StateDetail, Stats,
  SteppedOverDetail, StreamInfo, SubtitlesInfo, TextTrackInfo, TextTrackSource, Thumbnail, ThumbnailsInfo, UncheckedDetail,
} from "./engine.js";

/**
 * Gets the engine ready ahead of the first `attach`. `wasm` says where `engine_bg.wasm` is, for bundlers that do not
 * follow `import.meta.url`. Rejects with a `PlayerError` of the code `engine-missing`.
 */
export function prepare(wasm?: InitInput): Promise<void>;

/** Whether this browser has what the player is built on. Where not, `Player.attach` would reject. */
export function isSupported(): boolean;

export interface AttachOptions extends PlayerOptions {
  /** Its manifest is on the way while the engine compiles; the first `load` of the same address uses that answer. */
  src?: string;
  /** Gives `attach` up, and once there is a player destroys it. */
  signal?: AbortSignal | null;
}

/** Plays a film on a media element that belongs to the page. */
export type Player = Engine;

export const Player: {
  /**
   * A player for `video`, which stays the page's own: its controls, its attributes, its place in the document. Rejects
   * with a `PlayerError`: `media-source-missing` where only the browser's own HLS player can help.
   */
  attach(video: HTMLMediaElement, options?: AttachOptions): Promise<Player>;
};
