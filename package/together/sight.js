// Where a media element is, as exactly as the browser says.

// Age of a frame in milliseconds above which it says too little.
const FRESH = 1000;
// Milliseconds without a frame after which the element's own word counts: hidden pages get none.
const PATIENCE = 100;

/**
 * Looks at `video`. In Chromium `currentTime` follows the sound to a millisecond, while frames wait for the display's next tick, up to 17 ms.
 * Elsewhere it moves in steps: with `byFrames` a frame's own time and the moment of its display count.
 */
export class Sight {
  #video;
  #byFrames;
  #frame = null;
  #cancel = null;

  constructor(video, byFrames) {
    this.#video = video;
    this.#byFrames = byFrames && Boolean(video.requestVideoFrameCallback);
  }

  /** Something has happened to the element: what was seen before says nothing. */
  forget() {
    this.#frame = null;
  }

  get moves() {
    const { paused, seeking, ended, readyState } = this.#video;
    return !paused && !seeking && !ended && readyState > 2;
  }

  /** The place in seconds, and the moment of `performance.now()` at which it was shown. */
  sample(now) {
    if (!this.#frame || !this.moves || now - this.#frame.at > FRESH) return { position: this.#video.currentTime, at: now };
    const { position, at } = this.#frame;
    // A frame that is about to be shown.
    const ahead = Math.max(0, at - now);
    return { position: position - (ahead / 1000) * this.#video.playbackRate, at: at - ahead };
  }

  /** Calls `seen` with the next frame, or soon without one. */
  await(seen) {
    this.stop();
    const video = this.#video;
    if (!this.#byFrames || !this.moves || document.hidden) return seen();
    const done = () => {
      this.stop();
      seen();
    };
    const timer = setTimeout(done, PATIENCE);
    const handle = video.requestVideoFrameCallback((_, { mediaTime, expectedDisplayTime }) => {
      this.#frame = { position: mediaTime, at: expectedDisplayTime };
      done();
    });
    this.#cancel = () => {
      clearTimeout(timer);
      video.cancelVideoFrameCallback(handle);
    };
  }

  stop() {
    this.#cancel?.();
    this.#cancel = null;
  }
}
