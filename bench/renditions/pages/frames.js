// Notes every frame that is shown: when, its place in the film, and the rung whose mark it bears; and how much lies ready.

// No player has a reason to stay below the highest rung, and none draws more than that has.
[video.width, video.height] = film.size;

const notes = { frames: [], ready: [] };
const canvas = document.createElement("canvas");
canvas.width = canvas.height = 1;
const pixel = canvas.getContext("2d", { willReadFrequently: true });

/** The mark is a block of one colour, an eighth of the picture's edges, in its top left corner. Counted from the lowest rung; below zero where it is none. */
function rungShown() {
  const { videoWidth: width, videoHeight: height } = video;
  pixel.drawImage(video, width / 32, height / 32, width / 16, height / 16, 0, 0, 1, 1);
  const colour = [...pixel.getImageData(0, 0, 1, 1).data.subarray(0, 3)].map((part) => (part > 127 ? "1" : "0")).join("");
  return film.marks.indexOf(colour);
}

function note(now, { mediaTime, presentedFrames }) {
  notes.frames.push([now - bench.began, mediaTime, rungShown(), presentedFrames]);
  video.requestVideoFrameCallback(note);
}
video.requestVideoFrameCallback(note);

/** Milliseconds, seconds of the film, and seconds that lie ready from there on. */
function look() {
  const { currentTime: at, buffered } = video;
  const holds = (_, range) => buffered.start(range) <= at + 0.1 && at < buffered.end(range);
  const range = Array.from({ length: buffered.length }, holds).indexOf(true);
  notes.ready.push([performance.now() - bench.began, at, range < 0 ? 0 : buffered.end(range) - at]);
}

bench.go = () => {
  video.onplay = null;
  video.play().catch(() => {});
  look();
  setInterval(look, 250);
};
// A failure that has been told comes first.
bench.place = () => Promise.race([failed, [video.currentTime, (performance.now() - bench.began) / 1e3]]);
bench.noted = () => (look(), notes);
