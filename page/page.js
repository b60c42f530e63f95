// The page around the player: which film, and what to say about it.

import { audioMenu } from "./audio.js";
import { captions, readCaptions } from "./captions.js";
import { chaptersMenu } from "./chapters.js";
import { controls } from "./controls.js";
import { flowPanel } from "./flow.js";
import { inFragment, putInFragment } from "./fragment.js";
import { growing } from "./growing.js";
import { keyboard } from "./keyboard.js";
import { mediaSession } from "./media-session.js";
import { chooseRenditions, qualityMenu } from "./quality.js";
import { seekBar } from "./seek-bar.js";
import { listenForSources } from "./sources.js";
import { follow, show, showError } from "./status.js";
import { readThumbnails } from "./thumbnails.js";
import { together } from "./together.js";

const video = document.getElementById("film");
const retry = document.getElementById("retry");
const name = document.getElementById("film-name");

// `?src=` names another manifest, and so does `#src=`, which no server is told; `?ahead=` and `?behind=` are the player's options, in seconds.
const query = new URLSearchParams(location.search);
const options = Object.fromEntries(
  ["ahead", "behind"].filter((option) => query.has(option)).map((option) => [option, Number(query.get(option))]),
);

// What reads films without an index is fetched when the first is loaded.
async function readUnindexed() {
  const { default: start, stream } = await import("../watchparty-unindexed-module.js");
  await start();
  return stream;
}

function start({ Player, fetchWith }) {
  let player;
  fetchWith(
    (bytes, kind) => (kind === "thumbnails" ? readThumbnails(bytes) : readCaptions(bytes)),
    readUnindexed,
    (element, manifest) => chooseRenditions(player, element, manifest),
  );
  try {
    player = Player.attach(video, options);
  } catch (error) {
    window.started();
    return giveUp(error);
  }
  const actions = controls(player, video);
  const subtitles = captions(player);
  audioMenu(player);
  qualityMenu(player, video);
  const chapters = chaptersMenu(player, video, actions);
  keyboard({ ...actions, ...subtitles, ...chapters }, video);
  mediaSession(player, video, actions);
  seekBar(player, video);
  flowPanel(player, video);
  const party = together(player, video);
  window.watchparty = { player, video };

  // What "try again" opens; an answer can be read only once.
  let last = { source: window.firstAnswer, address: window.firstSource };
  follow(player, video, () => Boolean(player.film || last.address));

  growing(player, video, (startTime) => player.load(last.address, { startTime }));

  async function open(source, address) {
    last = { source, address };
    show("loading", "Loading the film…");
    name.textContent = "";
    try {
      await player.load(source);
      name.textContent = player.film?.name ?? "";
      document.title = player.film?.name ?? "Watchparty player";
      // Whoever is invited comes in first; who is in plays when the others do.
      if (party.isWaiting) return show("ready");
      if (!party.isIn && (await player.play()) === "blocked") show("blocked", "Press play to begin.");
    } catch {
      // The `error` event has told why.
    }
  }

  listenForSources(subtitles, (source, address) => {
    if (address) remember(address);
    open(source, address);
  });
  // Another link, opened in a tab that has the page already.
  addEventListener("hashchange", () => {
    const address = inFragment("src");
    if (address && address !== last.address) open(address, address);
  });
  retry.addEventListener("click", () => {
    if (!player.film && last.address) return open(last.address, last.address);
    show("loading", "Trying again…");
    player.retry();
    // It may have failed again at once.
    if (video.readyState > 2 && player.state !== "failed") show("ready");
  });
  open(last.source, last.address);
  window.started();
}

/** Puts the film into the page's address; one whose address has a query, which may be a secret, where no server sees it. */
function remember(address) {
  const isSecret = new URL(address, document.baseURI).search !== "";
  if (isSecret) query.delete("src");
  else query.set("src", address);
  // Whatever else is in it stays: browsers let no script take away the name of a page that has one.
  const here = new URL(document.URL);
  here.search = query;
  history.replaceState(null, "", here);
  putInFragment("src", isSecret ? address : null);
}

function giveUp(error) {
  showError(error);
  retry.addEventListener("click", () => location.reload(), { once: true });
}

// The bindings may have come before this script.
if (window.wasmBindings) start(window.wasmBindings);
else addEventListener("TrunkApplicationStarted", () => start(window.wasmBindings), { once: true });
