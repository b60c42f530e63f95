// Says how far a film is there that is watched while it goes up. What follows it is the package's.

import { followGrowth } from "../growing.js";
import { show } from "./status.js";

const note = document.getElementById("ready");

/** `reopen(startTime)` loads the film's manifest again, to begin there. */
export function growing(player, video, reopen) {
  let hasWaited = false;
  player.addEventListener("growth", ({ detail: { text, waiting } }) => {
    note.textContent = text;
    note.hidden = !text;
    if (waiting) show("stalled", `${text}. Waiting for more of the film…`);
    else if (hasWaited) show("ready");
    hasWaited = waiting;
  });
  followGrowth(player, video, reopen);
}
