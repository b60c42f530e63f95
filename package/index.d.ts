import type { InitInput, Player as Engine, PlayerOptions } from "./engine.js";
import type { JoinOptions, Party, Transport } from "./party.js";

export type {
  AfterDetail, AudioTrackInfo, BufferDetail, ChapterInfo, ChunkEdge, ChunkInfo, ChunkVerified, Credentials, DamagedDetail, ErrorAction, ErrorCode,
  ErrorContext, ErrorDetails, FailedAttempt, FilmInfo, Flow, Integrity, LoadOptions, NewCutDetail, PlayerError, PlayerEvents,
  Place, PlayerOptions, PlayerState, PlayResult, Position, Preload, RenditionDetail, ReopeningDetail, RequestHook, RequestKind, RequestPurpose, RequestUnderWay, ResponseDetail, RetryingDetail, SeekDetail,
  Origin, OriginDetail, OriginOptions, RateDetail, Source, StallCause, StallDetail, StallPredictedDetail, StallStats, StartTimes, StateDetail, Stats,
  SteppedOverDetail, StreamInfo, SubtitlesInfo, TextTrackInfo, TextTrackSource, Thumbnail, ThumbnailsInfo, UncheckedDetail,
} from "./engine.js";

/**
 * Gets the engine ready ahead of the first `attach`. `wasm` says where `engine_bg.wasm` is, for bundlers that do not
 * follow `import.meta.url`. Rejects with a `PlayerError` of the code `engine-missing`.
 */
export function prepare(wasm?: InitInput): Promise<void>;

/** Whether this browser has what the player is built on. Where not, `Player.attach` would reject. */
export function isSupported(): boolean;

export type {
  Action, Activity, Control, JoinOptions, Party, PartyEvents, PartyMember, Policy, RoomState, Steering, Transport,
} from "./party.js";

export interface AttachOptions extends PlayerOptions {
  /** The room to join at once, as by `join`. Where that fails `attach` rejects, and there is no player. */
  party?: JoinOptions & { room: string | Transport };
  /**
   * Its manifest is on the way while the engine compiles, unless `preload` is `"none"`; the first `load` of the same address
   * uses that answer.
   */
  src?: string;
  /** The most lines and bits in a second of a film that has several renditions; `null` is no limit. */
  maxHeight?: number | null;
  maxBitrate?: number | null;
  /** Gives `attach` up, and once there is a player destroys it. */
  signal?: AbortSignal | null;
}

/** One of several renditions of a film: the same pictures at another rate. */
export interface Rendition {
  /** The number of its stream in the manifest. */
  id: number;
  width: number | null;
  height: number | null;
  /** Average, in bits per second. */
  bandwidth: number;
  mime: string;
  /** Such as `24000/1001`. */
  frameRate: string | null;
  /** Whether it is on the screen. */
  active: boolean;
}

export interface RenditionStats {
  /** For how many seconds of the film each was on the screen, by number. */
  seconds: Record<number, number>;
  /** Times that another was chosen. */
  switches: number;
  /** Bytes of groups that were given up for one of a lower rendition while they came. */
  thrownAwayBytes: number;
  /** Bits in a second that the link is expected to carry; `null` while that is not known. */
  expected: number | null;
  /** What was chosen last, why, and why not the next higher one (`null` where there is none), for people. */
  choice: { rendition: number; why: string; whyNotNext: string | null } | null;
}

/** Plays a film on a media element that belongs to the page. */
export interface Player extends Engine {
  /** From the lowest to the highest; empty where the film has one, and until what chooses has been fetched (event `renditions`). */
  readonly renditions: Rendition[];
  /** The one that is wanted from the next group on, whatever the link carries, or `"auto"`. Throws a `RangeError` for any other. */
  rendition: number | "auto";
  /** As `attach` takes them. */
  maxHeight: number | null;
  maxBitrate: number | null;
  /** `null` where the film has one rendition. */
  readonly renditionStats: RenditionStats | null;
  /** The rendition that was fetched for a time; `null` where none was. */
  renditionAt(seconds: number): number | null;
  /**
   * Watches together with all who are in `room`: one of the page's own relay by its name (22 to 64 characters of base64url,
   * which nobody can guess), the address of another relay (`wss:`), or any way to a room. What does that is fetched now.
   */
  join(room: string | Transport, options?: JoinOptions): Promise<Party>;
  /** The room that was joined last, if any. */
  readonly party: Party | null;
}

export const Player: {
  /**
   * A player for `video`, which stays the page's own: its controls, its attributes, its place in the document. Rejects
   * with a `PlayerError`: `media-source-missing` where only the browser's own HLS player can help.
   */
  attach(video: HTMLMediaElement, options?: AttachOptions): Promise<Player>;
};
