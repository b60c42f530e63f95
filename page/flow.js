// The "how it flows" panel: looks at the player twice a second, and draws while it is open and seen.

import { copy } from "./copy.js";
import { drawDrift, drawGraph, drawStrip, join } from "./flow-drawing.js";
import { report } from "./flow-report.js";
import { remember, settings } from "./settings.js";
import { SENTENCES, bytes, clock, drift, rate, reason, rendition, span } from "./words.js";

const element = (id) => document.getElementById(id);
const panel = element("flow");

const EVERY = 500; // milliseconds
const KEPT = 240; // samples: two minutes
const TOLD = 200; // sentences
// What Cloudflare says where it had the bytes.
const CACHED = ["HIT", "STALE", "UPDATING", "REVALIDATED"];

export function flowPanel(player, video) {
  const samples = [];
  const told = [];
  const began = performance.now();
  // For each stream what has ever been buffered.
  let past = [];
  // What edge caches said, and how often.
  const caches = new Map();
  // Whether a chunk came from the edge cache, by stream and number: `hit` or `miss`.
  const edge = new Map();
  let before = { at: began, received: 0 };
  let timer;
  let party = null;

  // What is done to this player so that it shows what the others see; what they all do is none of it.
  function steered({ detail: { action, reason, to, drift: from } }) {
    if (reason === "command" || reason === "in-time" || !["rate", "seek"].includes(action)) return;
    samples.at(-1)?.steers.push(action);
    if (action === "seek") tell(`To ${clock(to)}, where the others are${from === undefined ? "" : `: it was ${drift(from)}`}`);
  }

  function accompany() {
    const before = party;
    party = player.party ?? null;
    if (party === before) return;
    before?.removeEventListener("steer", steered);
    party?.addEventListener("steer", steered);
  }

  function sample() {
    const at = performance.now();
    const stats = player.stats();
    // A new film begins to count anew.
    const came = Math.max(0, stats.receivedBytes - before.received);
    accompany();
    const apart = party?.drift ?? null;
    samples.push({ rate: (came * 1e3) / (at - before.at || 1), ahead: stats.bufferedAhead, drift: apart, steers: [] });
    before = { at, received: stats.receivedBytes };
    if (samples.length > KEPT) samples.shift();
    const flow = player.flow();
    past = (flow?.buffered ?? []).map((ranges, stream) => join(past[stream] ?? [], ranges));
    if (panel.open) draw(stats, flow);
  }

  function draw(stats, flow) {
    const colours = getComputedStyle(panel);
    const colour = (name) => colours.getPropertyValue(`--${name}`);
    const { film } = player;
    // The share of each chunk whose digests were right.
    const verified = new Map(stats.verified.map(({ stream, chunk, bytes }) => [`${stream}/${chunk}`, bytes]));
    const { renditions = [], renditionAt = () => null, duration } = player;
    const seen = { film, flow, past, edge, verified, renditions, renditionAt, duration: duration ?? 0, time: video.currentTime };
    element("flow-strip").ariaLabel = drawStrip(element("flow-strip"), seen, colour);
    const paint = { kept: KEPT, line: colour("line"), soft: colour("soft") };
    const [rates, aheads] = [samples.map((one) => one.rate), samples.map((one) => one.ahead)];
    drawGraph(element("flow-rates"), rates, { ...paint, ink: colour("flight"), say: rate });
    drawGraph(element("flow-aheads"), aheads, { ...paint, ink: colour("here"), say: (ahead) => `${ahead.toFixed(1)} s` });
    element("flow-party").hidden = !party;
    if (party) {
      const apart = element("flow-drifts");
      apart.ariaLabel = drawDrift(apart, samples, { kept: KEPT, say: drift }, colour);
      element("flow-drift").textContent = samples.at(-1).drift === null ? "–" : drift(samples.at(-1).drift);
    }
    element("flow-rate").textContent = rate(samples.at(-1).rate);
    element("flow-ahead").textContent = `${stats.bufferedAhead.toFixed(1)} s`;
    tellFacts(facts(player, video, stats, caches));
  }

  function tell(sentence, isBad = false) {
    const item = document.createElement("li");
    const when = document.createElement("time");
    when.textContent = `${((performance.now() - began) / 1e3).toFixed(1)} s`;
    item.append(when, sentence);
    item.classList.toggle("bad", isBad);
    told.push(`${when.textContent}  ${item.lastChild.textContent}`);
    const list = element("flow-events");
    list.prepend(item);
    if (told.length > TOLD) {
      told.shift();
      list.lastChild.remove();
    }
  }

  // Nobody looks at a hidden page, and what happens meanwhile is counted when it is seen again.
  function watch() {
    clearInterval(timer);
    if (!document.hidden) timer = setInterval(sample, EVERY);
  }

  for (const name of Object.keys(SENTENCES)) {
    const isBad = ["error", "stalled", "retrying", "damaged"].includes(name);
    player.addEventListener(name, ({ detail }) => tell(SENTENCES[name](detail ?? {}), isBad));
  }
  player.addEventListener("response", ({ detail: { stream, chunk, cache } }) => {
    if (!cache) return;
    caches.set(cache, (caches.get(cache) ?? 0) + 1);
    edge.set(`${stream}/${chunk}`, CACHED.includes(cache) ? "hit" : "miss");
  });
  player.addEventListener("state", ({ detail }) => {
    if (detail.state !== "loading") return;
    past = [];
    edge.clear();
  });
  panel.addEventListener("toggle", () => {
    remember({ flow: panel.open });
    if (panel.open) sample();
  });
  document.addEventListener("visibilitychange", watch);
  element("flow-copy").addEventListener("click", async ({ target }) => {
    const text = report(player, facts(player, video, player.stats(), caches), told);
    target.textContent = (await copy(text)) ? "Copied" : "The browser does not allow copying";
    setTimeout(() => (target.textContent = "Copy a report"), 2000);
  });
  panel.open = settings.flow ?? false;
  watch();
}

/** Pairs of a name and a value. */
function facts(player, video, stats, caches) {
  const frames = video.getVideoPlaybackQuality?.();
  return [
    ["Position", `${clock(video.currentTime)} of ${clock(player.duration)}`],
    ...activity(player),
    ...renditions(player),
    ["Received", bytes(stats.receivedBytes)],
    ["Never shown", bytes(stats.unseenBytes)],
    ["Waiting to be appended or checked", bytes(stats.heldBytes)],
    ["In the browser's buffer", bytes(stats.bufferedBytes)],
    ["Verified", `${bytes(stats.checkedBytes)} in ${stats.checkedFragments} fragments`],
    ["Damaged", stats.damagedFragments ? `${stats.damagedFragments} fragments, fetched again` : "–"],
    ["Connection", stats.confidence ? rate(stats.bandwidth / 8) : "–"],
    ...together(player.party),
    ["Edge cache", [...caches].map(([status, times]) => `${status} ${times}`).join(", ") || "–"],
    ["Picture", video.videoWidth ? `${video.videoWidth} × ${video.videoHeight}` : "–"],
    ["Frames dropped", frames ? `${frames.droppedVideoFrames} of ${frames.totalVideoFrames}` : "–"],
  ];
}

/** Where the film has several renditions: which one is fetched and why, and for how long each was shown. */
function renditions(player) {
  const { choice, seconds, switches, thrownAwayBytes } = player.renditionStats ?? {};
  if (!choice) return [];
  const known = player.renditions;
  const chosen = known.find(({ id }) => id === choice.rendition);
  const shown = known.map((one) => `${rendition(one)} ${seconds[one.id].toFixed(0)} s`);
  return [
    ["Rendition", `${rendition(chosen)} (number ${choice.rendition}): ${reason(choice)}`],
    ["Renditions shown", `${shown.join(", ")}; ${switches} changes, ${bytes(thrownAwayBytes)} thrown away`],
  ];
}

/** Where others watch, too. */
function together(party) {
  if (!party) return [];
  const { clock: room, drift: apart } = party;
  return [
    ["Away from the others", apart === null ? "–" : drift(apart)],
    ["The room's clock", room ? `known to ${span(room.bound)}` : "–"],
  ];
}

/** What is done about the next bytes, of each stream that plays. */
function activity(player) {
  const flow = player.flow();
  const said = (flow?.activity ?? []).map((text, stream) => text && [player.film.streams[stream].kind ?? "film", text]);
  const pairs = said.filter(Boolean).map(([kind, text]) => [`Next ${kind}`, text]);
  return flow?.wait ? [...pairs, ["Waits", flow.wait]] : pairs;
}

function tellFacts(pairs) {
  const list = element("flow-facts");
  while (list.children.length > pairs.length) list.lastChild.remove();
  while (list.children.length < pairs.length) {
    const pair = list.appendChild(document.createElement("div"));
    pair.append(document.createElement("dt"), document.createElement("dd"));
  }
  pairs.forEach(([name, value], number) => {
    const [term, description] = list.children[number].children;
    term.textContent = name;
    description.textContent = value;
  });
}
