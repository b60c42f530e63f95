import type { Player } from "./index.js";

/** How far a film is there that still goes up. */
export interface GrowthDetail {
  /** In seconds; `null` once all of it is there, and for whole films. */
  readyUpTo: number | null;
  /** Whether it stands still until more of it is there: it is paused meanwhile. */
  waiting: boolean;
  /** For people: `Ready up to 0:42`; empty where `readyUpTo` is `null`. */
  text: string;
}

declare module "./engine.js" {
  interface PlayerEvents {
    /** More of a film that still goes up is there, or it waits for more, or all of it is there. */
    growth: CustomEvent<GrowthDetail>;
  }
}

/**
 * Has `player` play films that still go up (`splitter publish --progressive`) on past what is there, and tells by the event `growth`
 * how far that is. Called once for a player, before or after its first film; whole films are left alone. It ends with the player.
 *
 * Every two seconds it looks whether there is more. Where what was loaded ends, it calls `reopen`, which loads the same film again:
 * `(startTime) => player.load(src, { startTime })`. The rate, the sound track and the subtitles stay what they are. Where there is
 * no more yet the film waits, and a seek beyond what is there goes to its end.
 */
export function followGrowth(player: Player, video: HTMLMediaElement, reopen: (startTime: number) => Promise<void>): void;
