// What the package holds, and what it says that it holds.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

const here = new URL("node_modules/watchparty-player/", import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL("package.json", here)));
const named = Object.values(exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)));
// What the scripts fetch by themselves, and what is for people.
const others = [
  "LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json", "captions.js", "captions_bg.wasm", "engine.d.ts", "engine_bg.wasm.d.ts",
  "member_bg.wasm", "renditions.js", "room_bg.wasm", "rungs_bg.wasm", "thumbnails.js", "unindexed.js", "unindexed_bg.wasm",
];

test("there is every file that is named, and no other", () => {
  const expected = [...named.map((file) => file.replace("./", "")), ...others];
  assert.deepEqual(readdirSync(here).sort(), expected.sort());
});

test("whatever is imported starts nothing, on a server either", async () => {
  for (const name of Object.keys(exports).filter((name) => !name.endsWith(".wasm"))) {
    const module = await import(name.replace(".", "watchparty-player"));
    assert.ok(Object.keys(module).length > 0, name);
  }
});

test("who joins a room downloads at most 30 kB for it, and for the way to it only what that takes", () => {
  const wire = (...files) => files.reduce((sum, file) => sum + brotliCompressSync(readFileSync(new URL(file, here))).length, 0);
  assert.ok(wire("member_bg.wasm") <= 25_000, `${wire("member_bg.wasm")} bytes`);
  assert.ok(wire("member_bg.wasm", "party.js") <= 30_000, `${wire("member_bg.wasm", "party.js")} bytes`);
  assert.ok(wire("party-socketio.js") <= 500, `${wire("party-socketio.js")} bytes`);
  const party = readFileSync(new URL("party.js", here), "utf8");
  for (const other of ["BroadcastChannel", "room_bg", "socket.io"]) assert.ok(!party.includes(other), other);
});
