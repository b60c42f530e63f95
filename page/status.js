// What the page says on top of the film: loading, waiting, failed.

import { stall } from "./words.js";

const stage = document.getElementById("stage");
const status = document.getElementById("status");
const remedy = document.getElementById("remedy");
const retry = document.getElementById("retry");

/** `state` is one of the player's, or `blocked`. */
export function show(state, text = "", help = "") {
  stage.dataset.state = state;
  status.textContent = text;
  remedy.textContent = help;
  retry.hidden = state !== "failed";
}

// What went wrong, before the details, in words that need no knowledge of the player.
const HEADINGS = {
  "manifest-network": "The film could not be found.",
  "manifest-invalid": "This is not a film.",
  "init-invalid": "This film is damaged.",
  "init-mismatch": "This film is damaged.",
  unsupported: "This browser cannot play this film.",
  network: "The connection was lost.",
  refused: "The film is not there any more.",
  malformed: "This film is damaged.",
  decoder: "The browser could not show this film.",
  "media-source-missing": "This browser cannot play films from this page.",
};

// What servers say to links that are over, or not for this viewer.
const LINKS = { 410: "This link has expired.", 401: "This link does not open the film.", 403: "This link does not open the film." };

export function showError(error, canRetry = true) {
  const status = error.code === "manifest-network" ? /the server answered (\d+)$/.exec(error.message)?.[1] : null;
  const remedy = LINKS[status] ? "ask who shares the film for a new link" : error.remedy;
  // The query of an address may hold a token, and screens are shown to others.
  const message = error.message.replace(/\?\S*(?=: )/, "");
  const help = [message, remedy].filter(Boolean).map((text) => text.replace(/[.]$/, ""));
  show("failed", LINKS[status] ?? HEADINGS[error.code] ?? "The film cannot be played.", `${help.join("; ")}.`);
  retry.hidden = !canRetry;
  // The keyboard goes where the only way on is, unless the person is elsewhere on the page.
  if (canRetry && stage.contains(document.activeElement)) retry.focus();
}

/** Keeps to what `player` tells; `canRetry` says whether there is anything to try again. */
export function follow(player, video, canRetry) {
  player.addEventListener("firstframe", () => show("ready"));
  player.addEventListener("stalled", ({ detail }) => show("stalled", stall(detail.cause)));
  player.addEventListener("recovered", () => show("ready"));
  // What is buffered may have played on meanwhile.
  player.addEventListener("reconnected", () => (video.readyState > 2 ? show("ready") : show("loading", "Going on…")));
  // A film that was paused when it was tried again has not stalled, and does not recover.
  const arrived = () => stage.dataset.state === "loading" && show("ready");
  player.addEventListener("seeked", arrived);
  video.addEventListener("canplay", arrived);
  player.addEventListener("ended", () => show("ended"));
  player.addEventListener("seeking", () => stage.dataset.state === "ended" && show("ready"));
  player.addEventListener("retrying", () => {
    // While the film plays on from the buffer there is nothing to worry about.
    if (["loading", "stalled"].includes(stage.dataset.state)) status.textContent = "The connection failed. Trying again…";
  });
  player.addEventListener("error", ({ detail }) => detail.fatal && showError(detail, canRetry()));
}
