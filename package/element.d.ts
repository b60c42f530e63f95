import type { Player, PlayerEvents, PlayResult } from "./index.js";

/**
 * `<watchparty-player src controls poster start-time muted autoplay preload>`. It passes every event of its player on,
 * with the same detail, and `error` also where no player could be started.
 */
export interface WatchpartyPlayerElement extends HTMLElement {
  /** Where the manifest is. */
  src: string;
  /** Where to begin, in seconds. */
  startTime: number;
  readonly video: HTMLVideoElement;
  /** Once there is one; `null` before, and while the element is in no document. */
  readonly player: Player | null;
  play(): Promise<PlayResult>;
  pause(): void;
  addEventListener<K extends keyof PlayerEvents>(
    type: K,
    listener: (event: PlayerEvents[K]) => void,
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
