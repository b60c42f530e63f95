// A film that is watched while it goes up: its manifest names what is there, and grows. What is there plays; behind it the film
// waits, and goes on with the next manifest, without the page being loaded again.

import { show } from "./status.js";
import { clock, readyUpTo, wholeId } from "./words.js";

const note = document.getElementById("ready");

const LOOK = 2000; // milliseconds between two looks at the manifest
const EDGE = 0.1; // seconds before the end of what is there at which the film stops: sound may reach further than pictures

/** Follows the film that is loaded, and every later one; `reopen(seconds)` loads its manifest again, to begin there. */
export function growing(player, video, reopen) {
  let ready = null; // of what is loaded; null where that is a whole film
  let next = null; // of the manifest that has come since; Infinity where it names all of the film
  let isWaiting = false; // it would play if there were more
  let timer, looking;

  function begin() {
    ready = readyUpTo(player.film?.id);
    next = null;
    clearInterval(looking);
    if (ready !== null) looking = setInterval(ask, LOOK);
    tell();
    look();
  }

  function ask() {
    try {
      player.checkForUpdate();
    } catch {
      clearInterval(looking); // The film is gone.
    }
  }

  function tell() {
    const most = next ?? ready;
    note.hidden = most === null || most === Infinity;
    note.textContent = note.hidden ? "" : `Ready up to ${clock(most)}`;
    if (isWaiting) show("stalled", `Ready up to ${clock(ready)}. Waiting for more of the film…`);
  }

  /** Stops where the film is not there yet, or goes on where it is by now. */
  function look() {
    clearTimeout(timer);
    if (ready === null || (video.paused && !video.ended && !isWaiting)) return;
    const left = ready - EDGE - video.currentTime;
    if (left > 0) {
      timer = setTimeout(look, Math.min(1, left / video.playbackRate) * 1000);
      return;
    }
    if (next !== null) return goOn(video.currentTime, true);
    isWaiting = true;
    player.pause();
    tell();
  }

  async function goOn(time, plays) {
    isWaiting = false;
    ready = null; // Nothing is decided by what is loaded no more.
    clearInterval(looking);
    try {
      await reopen(time);
      if (plays) await player.play();
    } catch {
      // The `error` event has told why.
    }
  }

  player.addEventListener("loaded", begin);
  player.addEventListener("content-changed", ({ detail }) => {
    if (ready === null || wholeId(detail.id) !== wholeId(player.film?.id)) return;
    next = readyUpTo(detail.id) ?? Infinity;
    tell();
    look();
  });
  player.addEventListener("seeking", ({ detail }) => {
    if (ready === null) return;
    const plays = isWaiting || !video.paused;
    if (detail.to < ready - EDGE) {
      if (!isWaiting) return;
      isWaiting = false;
      show("ready");
      player.play().catch(() => {});
    } else if ((next ?? 0) > detail.to) goOn(detail.to, plays);
    else player.seek(Math.max(0, ready - 2 * EDGE));
  });
  for (const event of ["play", "ended", "timeupdate", "ratechange"]) video.addEventListener(event, look);
  begin();
}
