// The player, for pages that install it. Importing this starts nothing; the engine is fetched and compiled once, when it
// is first needed.

import start, { Player as Engine, fetchWith, rehearse } from "./engine.js";
import { plain } from "./plain.js";
import { early } from "./early.js";

let engine;

// A film plays on though the page keeps no reference to its player, as a media element would.
const attached = new Map();

/**
 * Gets the engine ready ahead of the first `attach`. `wasm` says where `engine_bg.wasm` is, as an address, an answer or
 * a compiled module, for bundlers that do not follow `import.meta.url`.
 */
export function prepare(wasm) {
  engine ??= start({ module_or_path: wasm ?? plain(new URL("./engine_bg.wasm", import.meta.url)) }).then(
    () => {
      fetchWith(read, unindexed, chooser);
      (globalThis.requestIdleCallback ?? setTimeout)(() => rehearsed().catch(() => {}));
    },
    (error) => {
      engine = undefined; // It may have been the network: the next call tries again.
      throw failure(error);
    },
  );
  return engine;
}

// Has the browser compile, while nobody waits, what the first film would otherwise wait for: one that is none goes every film's
// way up to its manifest, and the engine goes the rest by itself.
async function rehearsed() {
  rehearse();
  const player = Engine.attach(document.createElement("video"));
  await player.load(new Response()).catch(() => {});
  player.destroy();
}

// Most viewers bring no captions, and point at no seek bar: what reads files is fetched when the first are there.
async function read(bytes, kind) {
  if (kind === "thumbnails") return (await import("./thumbnails.js")).thumbnails(bytes);
  const { default: start, webvtt } = await import("./captions.js");
  await start({ module_or_path: plain(new URL("./captions_bg.wasm", import.meta.url)) });
  return webvtt(bytes);
}

// Most films have an index: what reads those without is fetched when the first is loaded.
async function unindexed() {
  const { default: start, stream } = await import("./unindexed.js");
  await start({ module_or_path: plain(new URL("./unindexed_bg.wasm", import.meta.url)) });
  return stream;
}

// Most films have one rendition: what chooses among several is fetched when the first such film is loaded, which plays meanwhile.
function chooser(video, manifest) {
  const script = early(manifest);
  import("./renditions.js").then(({ choose }) => choose(attached, video, script)).catch(() => (script.tell = () => {}));
  return script;
}

/** Whether this browser has what the player is built on. Where not, `Player.attach` would reject. */
export function isSupported() {
  return "WebAssembly" in globalThis && ("ManagedMediaSource" in globalThis || "MediaSource" in globalThis);
}

export const Player = {
  /** See the types. With `src`, its manifest is on the way while the engine compiles. */
  async attach(video, { src, signal, party, maxHeight = null, maxBitrate = null, ...options } = {}) {
    let early = src && options.preload !== "none" && !signal?.aborted && ask(src, options);
    await Promise.race([prepare(), abort(signal)]);
    const player = Engine.attach(video, options);
    attached.set(player, video);
    Object.assign(player, { party: null, maxHeight, maxBitrate, renditions: [], rendition: "auto", renditionStats: null, renditionAt: () => null });
    player.join = async (room, how) => {
      // Most viewers watch alone: what watches together is fetched by who joins.
      const { join } = await import("./party.js");
      const party = await join(player, video, room, how);
      if (!attached.has(player)) {
        party.leave();
        throw problem("the player was destroyed", "destroyed", "attach a new one");
      }
      player.party?.leave();
      return (player.party = party);
    };
    player.destroy = () => {
      attached.delete(player);
      player.party?.leave();
      Engine.prototype.destroy.call(player);
    };
    signal?.addEventListener("abort", () => player.destroy(), { once: true });
    if (early) {
      player.load = (source, how) => {
        // An answer can be read only once.
        const answer = source === src ? early : null;
        if (answer) early = null;
        return Engine.prototype.load.call(player, answer ?? source, how);
      };
    }
    if (party) {
      const { room, ...how } = party;
      await player.join(room, how).catch((error) => {
        player.destroy(); // Nobody else has it.
        throw error;
      });
    }
    return player;
  },
};

// The answer of the manifest; what does not come is the engine's to ask for again.
async function ask(src, { credentials, headers, request: hook, silence = 10 }) {
  const late = new Promise((done) => setTimeout(done, silence * 1e3, src));
  const sent = async () => {
    const request = new Request(plain(new URL(src, document.baseURI)), { credentials, headers: headers ?? undefined });
    const answer = await fetch((await hook?.(request, { kind: "manifest", stream: null, chunk: null })) ?? request);
    return answer.ok ? answer : src;
  };
  return Promise.race([sent().catch(() => src), late]);
}

// Rejects when a signal is aborted.
function abort(signal) {
  return new Promise((_, reject) => {
    const stop = () => reject(problem("the page has aborted it", "aborted", "nothing is to be done: the page's AbortSignal says so"));
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function failure(cause) {
  const remedy = "check that engine_bg.wasm is served beside index.js, and that the page's CSP has 'wasm-unsafe-eval'";
  return problem(`the player's WebAssembly does not start (${cause.message ?? cause})`, "engine-missing", remedy, cause);
}

function problem(message, code, remedy, cause) {
  const error = new Error(message, { cause });
  return Object.assign(error, { name: "PlayerError", code, fatal: true, action: "none", remedy, context: null, history: [] });
}
