// A viewer behind one faulty line: watches the film to its end, seeks where the scenario says so, and tries again once after an
// error, when the fault is over. What comes of it is told to the page around.
import { Player } from "./watchparty-player/index.js";

const { id, options, rate, seek, hasEyes } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const video = document.querySelector("video");
const player = await Player.attach(video, options);
const errors = [];
let isDone = false;
let stood = 0;

player.addEventListener("error", ({ detail: { code, action, fatal, message } }) => {
  errors.push({ code, action, fatal, message });
  if (!fatal) return;
  if (errors.filter((error) => error.fatal).length > 1) isDone = true;
  else fetch("/heal").then(() => player.retry()).catch((error) => errors.push({ code: error.code, action: "", fatal: true, message: `retry: ${error}` }));
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

// Time for which the viewer saw nothing move, from the first on.
let last = { at: -1, now: performance.now() };
setInterval(() => {
  const [at, now] = [video.currentTime, performance.now()];
  if (at === last.at && !video.ended) stood += (now - last.now) / 1000;
  last = { at, now };
  isDone ||= video.ended;
  const { frames, events } = record;
  const told = { id, isDone, isEnded: video.ended, state: player.state, at, stood, errors, duration: video.duration };
  if (isDone) Object.assign(told, { frames, events, requests: player.flow().requests.length, stats: player.stats() });
  parent.postMessage(told, "*");
}, 100);

const play = () => player.play().catch(() => {});
player.addEventListener("loaded", play);
await player.load("/media/current/manifest.json").catch(() => {});
