// Somebody names a source, everybody plays it; whoever plays, pauses or seeks does so for all.

import { room } from "./room.js";
import { sources } from "./sources.js";

const video = document.querySelector("video");
const status = document.querySelector("[role=status]");
const party = room("living-room");
let source;
// What the party has just done is not told to the party again.
let quiet = 0;

async function open({ type, url, startTime }) {
  source?.destroy();
  source = await sources[type](video, url, { startTime });
  source.onSeek((to) => party.emit("seek", to));
  status.textContent = `${type}: ${url}`;
}

async function quietly(act) {
  quiet += 1;
  await act();
  setTimeout(() => (quiet -= 1));
}

party.on("open", open);
party.on("seek", (to) => source?.seek(to));
party.on("play", () => quietly(() => video.play()));
party.on("pause", () => quietly(() => video.pause()));
// Whoever comes later is told where the film is.
party.on("hello", () => source && party.emit("open", { ...film, startTime: video.currentTime }));
for (const kind of ["play", "pause"]) video.addEventListener(kind, () => quiet || party.emit(kind));

const film = { type: "chunks", url: "/media/current/manifest.json" };
party.emit("hello");
await open(film);
