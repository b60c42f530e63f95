// The player, for pages that install it. Importing this starts nothing; the engine is fetched and compiled once, when it
// is first needed.

import start, { Player as Engine, readCaptionsWith, rehearse } from "./engine.js";

let engine;

// A film plays on though the page keeps no reference to its player, as a media element would.
const attached = new Set();

/**
 * Gets the engine ready ahead of the first `attach`. `wasm` says where `engine_bg.wasm` is, as an address, an answer or
 * a compiled module, for bundlers that do not follow `import.meta.url`.
 */
export function prepare(wasm) {
  engine ??= start(wasm && { module_or_path: wasm }).then(
    () => readCaptionsWith(captions),
    (error) => {
      engine = undefined; // It may have been the network: the next call tries again.
      throw failure(error);
    },
  );
  return engine.then(() => void (globalThis.requestIdleCallback ?? setTimeout)(rehearse));
}

// Most viewers bring no captions: what reads them is fetched when the first are there.
async function captions(bytes) {
  const { default: start, webvtt } = await import("./captions.js");
  await start();
  return webvtt(bytes);
}

/** Whether this browser has what the player is built on. Where not, `Player.attach` would reject. */
export function isSupported() {
  return "WebAssembly" in globalThis && ("ManagedMediaSource" in globalThis || "MediaSource" in globalThis);
}

export const Player = {
  /** See the types. With `src`, its manifest is on the way while the engine compiles. */
  async attach(video, { src, ...options } = {}) {
    let early = src && fetch(src);
    early?.catch(() => {}); // `load` tells of it.
    await prepare();
    const player = Engine.attach(video, options);
    attached.add(player);
    player.destroy = () => {
      attached.delete(player);
      Engine.prototype.destroy.call(player);
    };
    if (early) {
      player.load = (source, how) => {
        // An answer can be read only once.
        const answer = source === src ? early : null;
        if (answer) early = null;
        return Engine.prototype.load.call(player, answer ?? source, how);
      };
    }
    return player;
  },
};

function failure(cause) {
  const remedy = "check that engine_bg.wasm is served beside index.js, and that the page's CSP has 'wasm-unsafe-eval'";
  const error = new Error(`the player's WebAssembly does not start (${cause.message ?? cause})`, { cause });
  return Object.assign(error, { name: "PlayerError", code: "engine-missing", fatal: true, remedy, context: null, history: [] });
}
