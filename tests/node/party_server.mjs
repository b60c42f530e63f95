// The package's half for Node hosts, with the real socket.io on both sides.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import { watchParty } from "watchparty-player/party-server";
import { socketio } from "watchparty-player/party-socketio";
import { Guest, OTHER, ROOM, failures, host, isOf, open } from "./guests.mjs";
test("a command reaches all once, and who comes and goes is seen", async () => {
  const server = await host();
  const ada = await Guest.join(server, ROOM, { content: "film" });
  assert.equal(ada.first.state.content, "film");
  const came = ada.next(({ type, changed }) => type === "members" && changed.some(({ name }) => name === "Bo"));
  const bo = await Guest.join(server, ROOM, { name: "Bo", content: "film" });
  await came;
  assert.deepEqual(server.party.room(ROOM).members.map(({ name, host }) => [name, host]), [["Ada", true], ["Bo", false]]);
  assert.deepEqual([server.party.rooms, server.party.clients], [1, 2]);

  const heard = [ada, bo].map((guest) => guest.next(isOf("seek")));
  bo.command({ seek: 61_500_000 }, bo.first.state);
  bo.command({ seek: 61_500_000 }, bo.first.state);
  for (const state of await Promise.all(heard)) assert.equal(state.position, 61_500_000);
  await Promise.all([ada.echo(), bo.echo()]);
  for (const guest of [ada, bo]) assert.equal(guest.heard.filter(isOf("seek")).length, 1, "twice said, once done");

  const { received, answered } = await ada.echo(2);
  assert.ok(answered >= received && Math.abs(received / 1e3 - Date.now()) < 60_000);

  const gone = ada.next(({ type, changed }) => type === "members" && changed.some(({ id, present }) => id === bo.me && !present));
  bo.way.close();
  await gone;
  assert.ok(bo.socket.connected, "the socket is the page's own");
  assert.deepEqual([server.party.clients, server.party.room(OTHER)], [1, null]);
  const parted = ada.bye();
  ada.say({ type: "leave" });
  assert.equal((await parted).why, "left");
  assert.equal(server.party.clients, 0);
});

test("one socket is in one room, and rooms do not hear each other", async () => {
  const server = await host();
  const ada = await Guest.join(server);
  const bo = await Guest.join(server, OTHER);
  assert.deepEqual([ada.first.members.length, bo.first.members.length, server.party.rooms], [1, 1, 2]);
  const replaced = ada.bye();
  const second = socketio(ada.socket, OTHER);
  const welcomed = new Promise((done) => (second.onmessage = done));
  second.open();
  second.send(JSON.stringify({ type: "hello", version: 1, name: "Ada" }));
  assert.equal(JSON.parse(await welcomed).members.length, 2);
  assert.equal((await replaced).why, "replaced");
  assert.equal(server.party.clients, 2);
});

test("without being asked nobody enters a room whose name can be guessed", async () => {
  const server = await host();
  for (const room of ["living-room", "", "a/b", "x".repeat(65), "__proto__"]) {
    const guest = await Guest.join(server, room);
    assert.equal(guest.first.why, "forbidden", room);
  }
  assert.deepEqual([server.party.rooms, server.party.clients], [0, 0]);
});

test("the host says who may enter, as whom, and who the host is", async (context) => {
  const said = failures(context);
  const server = await host({
    admit: async (socket, room, token) => {
      if (token === "broken") throw new Error("no database");
      return socket.connected && room === "living-room" && token && { name: token, host: token === "Grace" };
    },
  });
  const ada = await Guest.join(server, "living-room", { token: "Ada", name: "Mallory" });
  const grace = await Guest.join(server, "living-room", { token: "Grace" });
  const seen = grace.first.members.map(({ name, host }) => [name, host]);
  assert.deepEqual(seen, [["Ada", false], ["Grace", true]]);
  assert.equal((await Guest.join(server, "living-room")).first.why, "forbidden");
  assert.equal((await Guest.join(server, "kitchen", { token: "Ada" })).first.why, "forbidden");
  assert.equal((await Guest.join(server, "living-room", { token: "broken" })).first.why, "restart");
  assert.match(said.join(), /no database/);
  const refused = ada.next(({ type }) => type === "refused");
  ada.command({ control: "host" }, ada.first.state);
  assert.equal((await refused).why, "not-allowed");
});

test("what `admit` says is taken for what it may be", async (context) => {
  const said = failures(context);
  const grants = [7, "yes", { name: 7 }, { name: null }, { name: { length: 1e9 } }, { name: "ö".repeat(1e6), host: "yes" }, { name: { toString: null, valueOf: null } }];
  const server = await host({ admit: (socket, room, token) => grants[Number(token)] });
  const names = [];
  for (const token of grants.keys()) {
    const { first } = await Guest.join(server, ROOM, { token: String(token) });
    names.push(first.members?.find(({ id }) => id === first.you).name ?? first.why);
  }
  assert.deepEqual(names, ["Ada", "Ada", "7", "Ada", "[object Object]", "ö".repeat(32), "restart"]);
  assert.match(said.join(), /`admit` has failed/);
});

test("a token is a text of at most 1,024 bytes, and nothing else reaches `admit`", async () => {
  const tokens = [];
  const server = await host({ admit: (socket, room, token) => tokens.push(token) > 0 });
  for (const token of [{}, { length: 1e9 }, [], ["x"], 7, true, "x".repeat(1025), "ö".repeat(513), "x".repeat(3000)]) {
    assert.equal((await Guest.join(server, "kitchen", { token })).first.why, "misbehaved", JSON.stringify(token).slice(0, 40));
  }
  assert.deepEqual([tokens, server.party.rooms], [[], 0]);
  for (const token of ["ö".repeat(512), "", null, undefined]) {
    assert.equal((await Guest.join(server, "kitchen", { token })).first.type, "welcome");
  }
  assert.deepEqual(tokens, ["ö".repeat(512), "", undefined, undefined]);
});

test("who could not be taken in is asked again, and the host's process goes on", async (context) => {
  const said = failures(context);
  let asked = 0;
  const server = await host({ admit: () => (asked += 1) > 0 });
  const well = await Guest.join(server);
  let isBroken = true;
  server.io.on("connection", (socket) => {
    const { emit } = socket;
    socket.emit = (...details) => {
      if (!isBroken) return emit.apply(socket, details);
      isBroken = false;
      throw new Error("no network");
    };
  });
  const guest = await Guest.join(server);
  assert.equal(guest.first.why, "restart");
  assert.match(said.join(), /no network/);
  assert.equal(server.party.clients, 1);
  const welcome = guest.next(({ type }) => type === "welcome");
  guest.say({ type: "hello", version: 1, name: "Bo" });
  await welcome;
  assert.equal(asked, 3);
  await well.echo();
});

test("what is no message ends its sender's stay, and nobody else's", async () => {
  const server = await host();
  const well = await Guest.join(server);
  const wrong = ["", "{", "null", "7", "[]", '"hello"', '{"type":7}', '["probe",1]', '["sync"]', '["command",1,{"epoch":0,"rev":0},"play"]', '{"type":"command"}', '{"type":"probe","sent":"1"}', "[".repeat(4096)];
  for (const text of wrong) {
    const guest = await Guest.join(server);
    const bye = guest.bye();
    guest.say(text);
    assert.equal((await bye).why, "misbehaved", text.slice(0, 40));
  }
  for (const text of ["{", '{"type":"hello","version":1}', '{"type":"hello"}']) {
    const guest = new Guest(server);
    await guest.opened;
    const bye = guest.bye();
    guest.say(text);
    assert.equal((await bye).why, "misbehaved", text);
  }
  const old = await Guest.join(server, OTHER, { version: 9 });
  assert.equal(old.first.why, "version");
  const none = new Guest(server, OTHER);
  await none.opened;
  const unread = none.bye();
  none.say('{"type":"hello"}');
  assert.equal((await unread).why, "misbehaved");
  assert.equal(server.party.rooms, 1, "where nobody has come in there is no room");
  // Beyond what any client of ours sends, the socket ends, too.
  for (const details of [[ROOM, "ö".repeat(2049)], [ROOM, Buffer.from("{}")], [ROOM, { toString: 7 }], [7, "{}"], [null], [], ["x".repeat(5000), "{}"]]) {
    const guest = await Guest.join(server);
    guest.socket.emit("watchparty", ...details);
    assert.equal(await guest.gone, "io server disconnect", String(details[0]).slice(0, 40));
  }
  await well.echo();
  assert.equal(server.party.clients, 1);
});

test("a burst waits its turn, a flood ends, and the others do not notice", async () => {
  const server = await host();
  const well = await Guest.join(server);
  const hasty = await Guest.join(server);
  const echoes = Array.from({ length: 120 }, (_, number) => hasty.echo(number));
  await Promise.all(echoes);
  const flood = await Guest.join(server);
  for (let number = 0; number < 10_000; number++) flood.say({ type: "probe", sent: number });
  const last = flood.bye();
  assert.equal(await flood.gone, "io server disconnect");
  assert.equal((await last).why, "misbehaved");
  await well.echo();
  const commands = await Guest.join(server);
  for (let id = 1; id <= 1_000; id++) commands.command("pause", commands.first.state, id);
  assert.equal(await commands.gone, "io server disconnect");
  await well.echo(2);
  assert.ok(well.heard.length < 200, `${well.heard.length} messages`);
});

test("who does not read is let go", async () => {
  const server = await host({ maxRate: 500 });
  const well = await Guest.join(server);
  // One for which a little more waits than may for long, and one for which more waits than may at all.
  const slow = await Promise.all([400, 900].map(async (probes) => {
    const guest = await Guest.join(server);
    const bye = guest.bye();
    const tcp = guest.socket.io.engine.transport.ws._socket;
    tcp.pause();
    // What the host's page is sent meanwhile fills the network.
    const socket = server.io.sockets.sockets.get(guest.socket.id);
    for (let n = 0; n < 20; n++) socket.emit("page", "x".repeat(1e6));
    for (let number = 0; number < probes; number++) guest.say({ type: "probe", sent: number });
    return { guest, bye, tcp };
  }));
  while (server.party.clients > 1) await well.echo();
  for (const { guest, bye, tcp } of slow) {
    tcp.resume();
    assert.equal((await bye).why, "slow");
    await guest.gone;
  }
});

test("what the host's page sends at once makes nobody slow", async () => {
  const server = await host();
  const ada = await Guest.join(server);
  const socket = server.io.sockets.sockets.get(ada.socket.id);
  const all = new Promise((done) => ada.socket.on("page", (number) => number === 999 && done()));
  socket.on("burst", () => {
    for (let number = 0; number < 1000; number++) socket.emit("page", number);
  });
  ada.socket.emit("burst");
  await ada.echo();
  await all;
  await ada.echo(2);
  assert.ok(ada.socket.connected);
});

test("few messages in a second are enough to come in, and limits are numbers", async () => {
  for (const maxRate of [0, 1, 2]) {
    const server = await host({ maxRate });
    assert.equal((await Guest.join(server)).first.type, "welcome", String(maxRate));
  }
  for (const name of ["maxRooms", "maxMembers", "maxClients", "maxRate"]) {
    for (const limit of [NaN, Infinity, "50", null]) {
      assert.throws(() => watchParty(new Server(), { [name]: limit }), ({ message }) => message.includes(name), name);
    }
  }
});

test("a party begins and ends while sockets are open", async () => {
  const server = await host();
  const ada = await Guest.join(server);
  server.party.close();
  const [socket] = server.io.sockets.sockets.values();
  assert.equal(socket.listenerCount("watchparty"), 0);
  assert.equal(server.io.listenerCount("connection"), 0);
  for (const io of [server.io, server.io.of("/")]) {
    const again = watchParty(io);
    const way = socketio(ada.socket, ROOM);
    const welcomed = new Promise((done) => (way.onmessage = (text) => JSON.parse(text).type === "welcome" && done()));
    way.open();
    way.send(JSON.stringify({ type: "hello", version: 1, name: "Ada" }));
    await welcomed;
    again.close();
  }
});

test("a socket that has given up begins anew when the member comes back", async () => {
  const server = await host();
  const socket = connect(`http://127.0.0.1:${server.port}`, { forceNew: true, reconnectionAttempts: 1, reconnectionDelay: 10 });
  open.add(() => socket.disconnect());
  const way = socketio(socket, ROOM);
  await new Promise((done) => {
    way.onopen = done;
    way.open();
  });
  const lost = new Promise((done) => socket.io.once("reconnect_failed", done));
  await server.close();
  await lost;
  await host({}, server.port);
  await new Promise((done) => {
    way.onopen = done;
    way.open();
  });
});

test("rooms, members and clients are counted", async () => {
  const server = await host({ maxRooms: 2, maxMembers: 2, maxClients: 4 });
  const names = ["a", "b", "c", "d"].map((letter) => letter.repeat(22));
  const one = await Guest.join(server, names[0]);
  const other = await Guest.join(server, names[1]);
  assert.equal((await Guest.join(server, names[2])).first.why, "full");
  const bye = one.bye();
  one.say({ type: "leave" });
  await bye;
  assert.equal((await Guest.join(server, names[2])).first.type, "welcome");
  assert.deepEqual([server.party.rooms, server.party.room(names[0])], [2, null], "the empty one has given way");
  await Guest.join(server, names[1]);
  const third = await Guest.join(server, names[1]);
  assert.equal(third.first.why, "full");
  assert.ok(third.first.after < 2_000_000);
  await Guest.join(server, names[2]);
  assert.equal((await Guest.join(server, names[3])).first.why, "full");
  await other.echo();
});

test("a room that is empty for long is forgotten", async (context) => {
  const server = await host();
  const ada = await Guest.join(server);
  const real = performance.now.bind(performance);
  const set = (now) => Object.defineProperty(performance, "now", { value: now, configurable: true });
  context.after(() => set(real));
  ada.way.close();
  while (server.party.clients > 0) await new Promise((done) => setTimeout(done, 5));
  assert.equal(server.party.rooms, 1);
  set(() => real() + 301_000);
  while (server.party.rooms > 0) await new Promise((done) => setTimeout(done, 50));
});

test("after a restart who was there comes back to the place that the room had", async () => {
  const server = await host();
  const ada = await Guest.join(server, ROOM, { content: "film" });
  const told = ada.next(isOf("seek"));
  ada.command({ seek: 61_500_000 }, ada.first.state);
  const state = await told;
  const bye = ada.bye();
  server.party.close();
  assert.equal((await bye).why, "restart");
  assert.ok(ada.socket.connected, "the sockets are the host's");
  await server.close();
  await ada.closed;
  ada.opened = new Promise((done) => (ada.way.onopen = done));
  ada.way.open();
  const again = await host({}, server.port);
  await ada.opened;
  const welcome = ada.next(({ type }) => type === "welcome");
  const known = { state, position: state.position, host: true };
  ada.say({ type: "hello", version: 1, name: "Ada", seat: ada.first.seat, content: "film", known, last: 1 });
  const { state: restored, clock } = await welcome;
  assert.deepEqual([restored.cause, restored.position, restored.content], ["restored", 61_500_000, "film"]);
  assert.notEqual(clock, ada.first.clock, "another clock");
  assert.equal(again.party.clients, 1);
});
