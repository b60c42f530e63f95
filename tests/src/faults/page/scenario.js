// A viewer behind one faulty line: watches the film to its end, seeks where the scenario says so, and tries again once after an
// error, when the fault is over. What comes of it is told to the page around.
import { Player } from "./watchparty-player/index.js";

const { id, options, rate, seek, hasEyes, waits } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const video = document.querySelector("video");
const player = await Player.attach(video, options);
const errors = [];
let isDone = false;
let stood = 0;

// Says that the fault may end, as soon as somebody is there to hear it.
const heal = () => fetch("/heal").catch(() => new Promise((resolve) => setTimeout(resolve, 500)).then(heal));

player.addEventListener("error", ({ detail: { code, action, fatal, message } }) => {
  errors.push({ code, action, fatal, message });
  if (!fatal) return;
  if (errors.filter((error) => error.fatal).length > 1) isDone = true;
  else heal().then(() => player.retry()).catch((error) => errors.push({ code: error.code ?? error.name, action: "", fatal: true, message: `retry: ${error}` }));
});
record.hasEyes = hasEyes;
window.watchparty = { player, video };
video.playbackRate = video.defaultPlaybackRate = rate;

if (seek !== null) {
  const onTime = () => {
    if (video.currentTime < 0.5) return;
    video.removeEventListener("timeupdate", onTime);
    player.seek(seek, { origin: "user" });
  };
  video.addEventListener("timeupdate", onTime);
}

// What has been played. Where another decoder takes over, the element begins to count anew.
const pairs = (ranges) => Array.from(ranges, (_, n) => [ranges.start(n), ranges.end(n)]);
const length = (ranges) => ranges.reduce((sum, [from, to]) => sum + to - from, 0);
let [earlier, played] = [[], []];

// Time for which the viewer saw nothing move, from the first on.
let last = { at: -1, now: performance.now() };
setInterval(() => {
  const [at, now] = [video.currentTime, performance.now()];
  if (at === last.at && !video.ended) stood += (now - last.now) / 1000;
  last = { at, now };
  const current = pairs(video.played);
  if (length(current) < length(played)) earlier = [...earlier, ...played];
  played = current;
  isDone ||= video.ended;
  const { frames, events } = record;
  const told = { id, isDone, isEnded: video.ended, state: player.state, at, stood, errors, duration: video.duration };
  if (isDone) Object.assign(told, { frames, events, played: [...earlier, ...played], requests: player.flow().requests.length, stats: player.stats() });
  parent.postMessage(told, "*");
}, 100);

if (waits) {
  await new Promise((resolve) => addEventListener("message", resolve, { once: true }));
  stood = 0;
}
const play = () => player.play().catch(() => {});
player.addEventListener("loaded", play);
await player.load("/media/current/manifest.json").catch(() => {});
