// Rooms among the tabs of one browser, with a browser of the test's own.

import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { tabs } from "watchparty-player/party-tabs";
import { failures } from "./guests.mjs";

/** What a tab needs of a browser. The locks may be refused, and taken away; without random numbers no room can be kept. */
class Browser {
  isRefused = false;
  isRandom = true;
  page = new EventTarget();
  #last = new Map();
  #stolen = new Map();

  constructor(context) {
    const globals = {
      navigator: { locks: this },
      crypto: { getRandomValues: (bytes) => this.#random(bytes) },
      document: new EventTarget(),
      addEventListener: this.page.addEventListener.bind(this.page),
      fetch: async (url) => new Response(readFileSync(new URL(url)), { headers: { "Content-Type": "application/wasm" } }),
    };
    for (const [name, value] of Object.entries(globals)) {
      const before = Object.getOwnPropertyDescriptor(globalThis, name);
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
      context.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
    }
  }

  #random(bytes) {
    if (bytes.length === 16 && !this.isRandom) throw new Error("no keeper today");
    return webcrypto.getRandomValues(bytes);
  }

  async request(name, { signal }, hold) {
    if (this.isRefused) throw new DOMException("no locks here", "SecurityError");
    const before = this.#last.get(name);
    let free;
    this.#last.set(name, new Promise((done) => (free = done)));
    try {
      await before;
      signal.throwIfAborted();
      await Promise.race([hold(), new Promise((_, fail) => this.#stolen.set(name, fail))]);
    } finally {
      free();
    }
  }

  steal(name) {
    this.#stolen.get(name)(new DOMException("stolen", "AbortError"));
  }
}

test("a tab lets go of the room when its page goes and when its lock does, and comes back", async (context) => {
  const said = failures(context);
  const browser = new Browser(context);
  const way = tabs("living-room");
  context.after(() => way.close());
  const opened = () => new Promise((done) => (way.onopen = done) && way.open());
  const closed = () => new Promise((done) => (way.onclose = done));
  const ends = [
    () => browser.page.dispatchEvent(new Event("pagehide")),
    () => document.dispatchEvent(new Event("freeze")),
    () => browser.steal("watchparty:living-room"),
  ];
  for (const end of ends) {
    await opened();
    const lost = closed();
    end();
    await lost;
  }

  browser.isRandom = false;
  for (const isRefused of [false, true, true]) {
    browser.isRefused = isRefused;
    const lost = closed();
    way.open();
    await lost;
  }
  assert.equal(said.length, 1, said.join());
  [browser.isRandom, browser.isRefused] = [true, false];
  await opened();
});
