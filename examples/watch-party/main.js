// Somebody names a source, everybody plays it; whoever plays, pauses or seeks does so for all.

import { room } from "./room.js";
import { sources } from "./sources.js";

const video = document.querySelector("video");
const status = document.querySelector("[role=status]");
const party = room("living-room");
let film;
let source;
let turn = Promise.resolve();
// As the party knows it: only what is news to it is told.
let paused = true;

// One after the other: two players would fight over the video.
function open(next) {
  turn = turn.then(() => change(next)).catch((error) => (status.textContent = error.message));
  return turn;
}

async function change({ type, url, startTime = 0 }) {
  // Whoever has the film already only goes there.
  if (source && film.type === type && film.url === url) return source.seek(startTime);
  source?.destroy();
  source = null;
  source = await sources[type](video, url, { startTime });
  film = { type, url };
  source.onSeek((to) => party.emit("seek", to));
  status.textContent = `${type}: ${url}`;
  // A new film has paused the video, and no event has said so.
  paused = video.paused;
}

party.on("open", open);
party.on("seek", (to) => source?.seek(to));
party.on("play", () => {
  paused = false;
  // A pause may come first, or the browser wants a gesture: then the person presses play.
  video.play().catch(() => {});
});
party.on("pause", () => {
  paused = true;
  video.pause();
});
// Whoever comes later, and nobody else, is told where the film is.
party.on("hello", (_, newcomer) => source && party.emit("open", { ...film, startTime: video.currentTime }, newcomer));
for (const kind of ["play", "pause"]) {
  video.addEventListener(kind, () => {
    if (video.paused === paused) return;
    paused = video.paused;
    party.emit(paused ? "pause" : "play");
  });
}

party.emit("hello");
await open({ type: "chunks", url: "/media/current/manifest.json" });
