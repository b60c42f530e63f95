// What all contenders' pages share: when a frame is shown, and what it took. Each contender's script gives `bench.load()`
// and, where it differs from the element's own, `bench.seek(seconds)`.

const video = document.querySelector("video");
const film = JSON.parse(document.querySelector("#film").textContent);

const bench = {
  seek: (seconds) => (video.currentTime = seconds),

  /** A contender's own fatal error. */
  fail: (message) => refuse(new Error(String(message))),

  /** The contender's library is there: its page may be measured from `load` on, or has been from navigation on. */
  ready() {
    if (new URLSearchParams(location.search).has("cold")) becomeReady(begin(0));
    else becomeReady();
  },

  /** Milliseconds from `load()` to the first frame. */
  start: () => begin(performance.now()),

  /** Milliseconds from a seek until that very frame is shown. */
  async seekTo(seconds) {
    // Some players begin to play again by themselves once there is data: then another frame would be shown.
    video.pause();
    video.onplay = () => video.pause();
    const length = 1 / film.frameRate;
    const began = (bench.began = performance.now());
    const shown = frame((time) => time <= seconds + 1e-4 && seconds < time + length + 1e-4);
    bench.seek(seconds);
    return (await within(shown)) - began;
  },

  /** Plays at `rate` until `seconds` of the film have been shown. */
  async playTo(seconds, rate = 1) {
    video.onplay = null;
    video.playbackRate = rate;
    await video.play();
    await within(new Promise((resolve) => {
      const look = () => (video.currentTime >= seconds || video.ended ? resolve() : setTimeout(look, 20));
      look();
    }));
  },

  /** What playback has looked like so far. */
  report() {
    const { droppedVideoFrames: dropped, totalVideoFrames: frames } = video.getVideoPlaybackQuality();
    const buffered = Array.from({ length: video.buffered.length }, (_, at) => [video.buffered.start(at), video.buffered.end(at)]);
    return { at: video.currentTime, dropped, frames, buffered, stalls, stalled, gap };
  },
};

let becomeReady, refuse;
const isReady = new Promise((resolve) => (becomeReady = resolve));
const failed = new Promise((_, reject) => (refuse = reject));
failed.catch(() => {});
window.bench = bench;
bench.isReady = () => Promise.race([isReady, failed]);

async function begin(since) {
  const first = frame(() => true);
  bench.began = since;
  bench.load();
  const at = await within(first);
  bench.note?.("first frame");
  window.mark?.("first frame");
  return at - since;
}

/** Nothing is waited for longer than the driver of the browser has patience. */
function within(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("nothing was shown in time")), film.patience));
  return Promise.race([promise, failed, late]);
}

function frame(accepts) {
  return new Promise((resolve) => {
    const look = (_, { mediaTime }) => {
      if (accepts(mediaTime)) resolve(performance.now());
      else video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
}

// Stalls: what the element itself says, once it has played.
let stalls = 0, stalled = 0, since = null, has_played = false;
video.addEventListener("playing", () => {
  has_played = true;
  if (since !== null) stalled += performance.now() - since;
  since = null;
});
video.addEventListener("waiting", () => {
  if (!has_played || video.seeking || since !== null) return;
  stalls += 1;
  since = performance.now();
});

// The longest step between two frames that were shown, in seconds of the film, at the rate of one frame after the other.
let gap = 0;
bench.watchFrames = () => {
  let before = null;
  const look = (_, { mediaTime, presentedFrames }) => {
    if (before && presentedFrames === before.presentedFrames + 1) gap = Math.max(gap, mediaTime - before.mediaTime);
    before = { mediaTime, presentedFrames };
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
};
