import type { Player } from "./index.js";

/** How far a film is there that still goes up. */
export interface GrowthDetail {
  /** In seconds; `null` once all of it is there, and for whole films. */
  readyUpTo: number | null;
  /** Whether it stands still until more of it is there, and plays then: it is paused meanwhile. */
  waiting: boolean;
  /** For people: `Ready up to 0:42`; empty where `readyUpTo` is `null`. */
  text: string;
}

declare module "./engine.js" {
  interface Player {
    /** What the event `growth` has told last, and whether the film is being loaded again for what has come since; absent before `followGrowth`. */
    readonly growth?: GrowthDetail & { opening: boolean };
  }
  interface PlayerEvents {
    /** More of a film that still goes up is there, or it waits for more, or all of it is there. */
    growth: CustomEvent<GrowthDetail>;
  }
}

/**
 * Has `player` play films that still go up (`splitter publish --progressive`) on past what is there, and tells by the event `growth`
 * how far that is. Called once for a player, best at once: subtitles that were brought before are not known to it, nor what
 * `content-changed` has told before, by `poll` or `checkForUpdate`. Whole films are left alone. It ends with the player.
 *
 * Every two seconds it looks whether there is more. Where what was loaded ends, it calls `reopen`, which loads the same film again:
 * `(startTime) => player.load(src, { startTime })`; a `Response` has been read by then. The rate, the sound track and the
 * subtitles stay what they are. Where there is no more yet the film waits, until more is there or `player.pause()` is called (the
 * video is paused already: its own `pause()` tells of nothing), and a seek beyond what is there goes to its end.
 *
 * While `player.party` is followed, the room says when the film plays: it waits where there is no more of it for anybody, and goes on for all
 * once there are five seconds more, or all of it.
 */
export function followGrowth(player: Player, video: HTMLMediaElement, reopen: (startTime: number) => Promise<void>): void;
