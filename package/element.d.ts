import type { Player, PlayerEvents, PlayerOptions, PlayResult } from "./index.js";

export type { GrowthDetail } from "./growing.js";

/** The events of media elements that it passes on from its video: those that a player has no event of the same name for. */
export type PassedMediaEvent =
  | "loadstart" | "progress" | "suspend" | "abort" | "emptied" | "loadedmetadata" | "loadeddata" | "canplay" | "canplaythrough"
  | "playing" | "waiting" | "durationchange" | "timeupdate" | "ratechange" | "resize" | "volumechange";

/**
 * `<watchparty-player src controls poster start-time muted loop autoplay preload>`, to be used as a media element is. It passes
 * every event of its player on, with the same detail (`play`, `pause`, `seeking`, `seeked`, `stalled`, `ended` and `error` are the player's),
 * `error` also where no player could be started, and the other events of its video.
 *
 * A film that still goes up grows: how far it is there stands in the corner (`::part(ready)`), and the event `growth` tells it.
 * One that `player.load` was given as a `Response` does not: that has been read.
 *
 * Taken out of the document it lets go of the film; put back, it goes on where it was, playing if it was.
 */
export interface WatchpartyPlayerElement extends HTMLElement,
  Pick<HTMLVideoElement,
    | "autoplay" | "buffered" | "controls" | "currentTime" | "defaultPlaybackRate" | "duration" | "ended" | "loop" | "muted"
    | "networkState" | "paused" | "playbackRate" | "played" | "poster" | "preservesPitch" | "readyState" | "seekable" | "seeking"
    | "videoHeight" | "videoWidth" | "volume"> {
  /** Where the manifest is. */
  src: string;
  /**
   * What its player is given: `request`, `headers`, `credentials`, `ahead` and all the others. Setting it changes those that are
   * given and keeps the rest, as `Player.configure` does, which throws what it throws; before there is a player, what is wrong is
   * told by `error`. The attribute `preload` counts more than the option. What must go with the first request is set before the
   * element has a `src` and is in the document, or before it is defined.
   */
  get options(): PlayerOptions;
  set options(given: PlayerOptions);
  /** Where to begin, in seconds, unless `currentTime` has been set. */
  startTime: number;
  /** How much comes before anybody plays, as the attribute says; empty where it does not say. */
  preload: "" | "none" | "metadata" | "auto";
  readonly video: HTMLVideoElement;
  /** Once there is one; `null` before, and while the element is in no document. */
  readonly player: Player | null;
  /** As `Player.play`; rejects with `no-film` also without a `src`, and outside of a document. */
  play(): Promise<PlayResult>;
  pause(): void;
  addEventListener<K extends keyof PlayerEvents>(
    type: K,
    listener: (event: PlayerEvents[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: PassedMediaEvent,
    listener: (event: Event) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

/** Makes the element known, once. */
export function defineElement(name?: string): void;

declare global {
  interface HTMLElementTagNameMap {
    "watchparty-player": WatchpartyPlayerElement;
  }
}
