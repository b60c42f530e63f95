// A film that still goes up, watched together: the package's scripts around the real room and the real members, in a time of the test's own.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { followGrowth } from "watchparty-player/growing";
import { join } from "watchparty-player/party";
import { watchParty } from "watchparty-player/party-server";
import { socketio } from "watchparty-player/party-socketio";
import { Clock, Player, browse, wire } from "./stage.mjs";

const ROOM = "abcdefghijklmnopqrstuv";
const LENGTH = 60;

async function watch(io, film, clock, name) {
  const player = new Player(film);
  followGrowth(player, player.video, (startTime) => player.load(startTime));
  player.told = [];
  player.addEventListener("growth", ({ detail }) => player.told.push(detail));
  player.party = await join(player, player.video, socketio(wire(io), ROOM), { name });
  player.load();
  await clock.run(2_000);
  return player;
}

test("all wait at one picture for more of the film, and go on together once it is there", async (context) => {
  const clock = new Clock(context);
  browse(context);
  const io = Object.assign(new EventEmitter(), { sockets: new Map() });
  const server = watchParty(io);
  const film = { ready: 12, length: LENGTH };
  const players = [await watch(io, film, clock, "Ada"), await watch(io, film, clock, "Bo")];
  const places = () => players.map(({ video }) => video.currentTime);
  const apart = () => Math.abs(places()[0] - places()[1]);
  const stand = () => players.every(({ video }) => video.paused && !video.ended);
  const state = () => players[0].party.state;

  players[0].play({ origin: "user" });
  await clock.run(6_000);
  assert.ok(!stand() && apart() < 0.06, "they play");
  await clock.run(14_000);
  assert.ok(stand() && places().every((place) => place > 11.5 && place < 12), `they stand at ${places()}`);
  assert.ok(apart() < 0.03, `${apart()} s apart`);
  assert.deepEqual([state().phase, state().until], ["waiting", null]);
  assert.deepEqual(players.map(({ told, growth }) => [told.at(-1).waiting, growth.text]), Array(2).fill([true, "Ready up to 0:12"]));
  assert.deepEqual(players[0].party.members.map(({ late }) => late), [false, false]);

  // Two seconds more are not worth a start; eight are, and nobody has missed any.
  film.ready = 14;
  await clock.run(20_000);
  assert.ok(stand() && places().every((place) => place < 12), `they stand at ${places()}`);
  assert.deepEqual(players.map(({ loads }) => loads), [1, 1]);
  film.ready = 20;
  let before = places();
  for (let looks = 0; looks < 40; looks++) {
    await clock.run(100);
    const now = places();
    const skipped = now.map((place, n) => place - before[n]);
    const isOpen = players.every(({ film }) => film);
    assert.ok(!isOpen || skipped.every((seconds) => seconds < 0.4), `${before} s became ${now} s`);
    if (isOpen) before = now;
  }
  assert.ok(!stand() && apart() < 0.06, `${apart()} s apart`);
  assert.deepEqual(players.map(({ loads, told }) => [loads, told.at(-1).waiting]), Array(2).fill([2, false]));

  // Who seeks beyond what is there finds everybody at its end.
  players[1].seek(50, { origin: "user" });
  await clock.run(3_000);
  assert.ok(stand() && places().every((place) => place > 19.5 && place < 20), `they stand at ${places()}`);
  assert.equal(state().until, null);

  film.ready = Infinity;
  await clock.run(10_000);
  assert.ok(!stand() && apart() < 0.06 && places()[0] > 24, `they are at ${places()}`);
  assert.deepEqual(players.map(({ growth }) => growth.readyUpTo), [null, null]);
  await clock.run(40_000);
  assert.deepEqual(places(), [LENGTH, LENGTH]);
  server.close();
});
