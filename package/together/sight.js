// Where a media element is, as exactly as the browser says.

// Age of a frame in milliseconds above which it says too little.
const FRESH = 1000;
// Milliseconds without a frame after which the element's own word counts: hidden pages get none.
const PATIENCE = 100;

// How far pictures follow the sound is an average of so many frames: single ones wait up to half a tick of the display more or less.
const FRAMES = 16;
// After a seek or a start, all frames before it count as much as so many.
const FORMER = 4;
// A frame further from the sound came late by chance, in seconds.
const LATE = 0.05;

/**
 * Looks at `video`. In Chromium `currentTime` follows the sound to a millisecond, and pictures follow it by as much as their display makes
 * them wait, which is another for each window: the place is that of the pictures, on average. Elsewhere `currentTime` moves in steps: with
 * `byFrames` a frame's own time and the moment of its display count.
 */
export class Sight {
  #video;
  #byFrames;
  #frame = null;
  #lag = 0;
  #frames = 0;
  #cancel = null;

  constructor(video, byFrames) {
    this.#video = video;
    this.#byFrames = byFrames;
  }

  /** Something has happened to the element: what was seen before says nothing. */
  forget() {
    this.#frame = null;
    this.#frames = Math.min(this.#frames, FORMER);
  }

  get moves() {
    const { paused, seeking, ended, readyState } = this.#video;
    return !paused && !seeking && !ended && readyState > 2;
  }

  /** The place in seconds, and the moment of `performance.now()` at which it was shown. */
  sample(now) {
    if (!this.moves) return { position: this.#video.currentTime, at: now };
    if (!this.#byFrames) return { position: this.#video.currentTime - this.#lag, at: now };
    if (!this.#frame || now - this.#frame.at > FRESH) return { position: this.#video.currentTime, at: now };
    const { position, at } = this.#frame;
    // A frame that is about to be shown.
    const ahead = Math.max(0, at - now);
    return { position: position - (ahead / 1000) * this.#video.playbackRate, at: at - ahead };
  }

  /** Calls `seen` with the next frame, or soon without one. */
  await(seen) {
    this.stop();
    const video = this.#video;
    if (!this.moves || document.hidden || !video.requestVideoFrameCallback) return seen();
    const done = () => {
      this.stop();
      seen();
    };
    const timer = setTimeout(done, PATIENCE);
    const handle = video.requestVideoFrameCallback((_, { mediaTime, expectedDisplayTime }) => {
      this.#frame = { position: mediaTime, at: expectedDisplayTime };
      this.#learn(video.currentTime - mediaTime - ((performance.now() - expectedDisplayTime) / 1000) * video.playbackRate);
      done();
    });
    this.#cancel = () => {
      clearTimeout(timer);
      video.cancelVideoFrameCallback(handle);
    };
  }

  #learn(lag) {
    if (Math.abs(lag) > LATE) return;
    this.#frames = Math.min(this.#frames + 1, FRAMES);
    this.#lag += (lag - this.#lag) / this.#frames;
  }

  stop() {
    this.#cancel?.();
    this.#cancel = null;
  }
}
