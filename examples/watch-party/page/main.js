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
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  form.hidden = true;
  const player = await Player.attach(video, { src });
  const party = await player.join(socketio(io(), location.hash.slice(1)), { name: form.elements.name.value });
  const tell = (text) => () => (status.textContent = text);
  party.addEventListener("joined", tell("You are in. Send this page's address to whoever is to watch along."));
  party.addEventListener("lost", tell("The room does not answer. Trying again…"));
  party.addEventListener("ended", tell("The room has ended. Reload the page to come back."));
  party.addEventListener("members", ({ detail }) => list.replaceChildren(...detail.filter(({ present }) => present).map(line)));
  await player.load(src);
});

function line({ name, me, activity }) {
  return Object.assign(document.createElement("li"), { textContent: `${name || "Somebody"}${me ? " (you)" : ""}: ${activity}` });
}
