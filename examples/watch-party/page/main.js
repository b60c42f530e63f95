// All who have this page's address, with what stands behind its #, watch one film together.

import { io } from "/socket.io/socket.io.esm.min.js";
import { Player } from "/watchparty-player/index.js";
import { socketio } from "/watchparty-player/party-socketio.js";

const src = "/media/current/manifest.json";
const [video, form, status, list] = ["video", "form", "[role=status]", "ul"].map((what) => document.querySelector(what));

// Whoever opens a room gives it a name that nobody can guess.
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
location.hash ||= random();

// After a press of the button the browser lets the film play with sound.
form.addEventListener("submit", (event) => {
  event.preventDefault();
  form.hidden = true;
  tell("Fetching the film…");
  watch(form.elements.name.value).catch(({ message }) => tell(`It does not work: ${message}. Reload the page to try again.`));
});

async function watch(name) {
  const player = await Player.attach(video, { src });
  await player.load(src);
  const party = await player.join(socketio(io(), location.hash.slice(1)), { name });
  party.addEventListener("joined", () => tell("You are in. Whoever reaches this server watches along at this page's address."));
  party.addEventListener("lost", () => tell("The room does not answer. Trying again…"));
  party.addEventListener("ended", () => tell("The room has ended. Reload the page to come back."));
  party.addEventListener("members", ({ detail }) => list.replaceChildren(...detail.filter(({ present }) => present).map(line)));
}

const tell = (text) => (status.textContent = text);
const line = ({ name, me, activity }) =>
  Object.assign(document.createElement("li"), { textContent: `${name || "Somebody"}${me ? " (you)" : ""}: ${activity}` });
