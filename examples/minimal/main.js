// The least that a page has to do. The package lies beside this page as it comes from npm.

import { Player } from "./watchparty-player/index.js";

const src = "/media/current/manifest.json";
const video = document.querySelector("video");
const status = document.querySelector("[role=status]");

try {
  // With `src` the manifest is on its way while the engine compiles.
  const player = await Player.attach(video, { src });
  player.addEventListener("error", ({ detail }) => (status.textContent = `${detail.message}: ${detail.remedy}.`));
  await player.load(src);
  if ((await player.play()) === "blocked") status.textContent = "Press play.";
} catch (error) {
  status.textContent = [error.message, error.remedy].filter(Boolean).join(": ");
}
