// What the tests of rooms under Node share: a host with the real socket.io, and members without a player.

import { createServer } from "node:http";
import { after } from "node:test";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import { watchParty } from "watchparty-player/party-server";
import { socketio } from "watchparty-player/party-socketio";

export const ROOM = "abcdefghijklmnopqrstuv";
export const OTHER = "vutsrqponmlkjihgfedcba";
/** What closes what a test has opened. */
export const open = new Set();
after(() => open.forEach((close) => close()));

export async function host(options, port = 0) {
  const http = createServer();
  const io = new Server(http);
  const party = watchParty(io, options);
  await new Promise((done) => http.listen(port, "127.0.0.1", done));
  const close = () => {
    open.delete(close);
    return io.close();
  };
  open.add(close);
  return { io, party, close, port: http.address().port };
}

/** A member without a player: it says what the test says. */
export class Guest {
  heard = [];
  #awaited = [];

  constructor(host, room = ROOM) {
    this.room = room;
    this.socket = connect(`http://127.0.0.1:${host.port}`, { transports: ["websocket"], forceNew: true, reconnectionDelay: 100 });
    this.close = () => this.socket.disconnect();
    open.add(this.close);
    this.way = socketio(this.socket, room);
    this.opened = new Promise((done) => (this.way.onopen = done));
    this.closed = new Promise((done) => (this.way.onclose = done));
    this.gone = new Promise((done) => this.socket.once("disconnect", done));
    this.way.onmessage = (text) => {
      const message = JSON.parse(text);
      this.heard.push(message);
      this.#awaited = this.#awaited.filter(({ is, done }) => !is(message) || done(message));
    };
    this.way.open();
  }

  static async join(host, room, hello) {
    const guest = new Guest(host, room);
    await guest.opened;
    guest.say({ type: "hello", version: 1, name: "Ada", ...hello });
    const first = await guest.next(({ type }) => type === "welcome" || type === "bye");
    return Object.assign(guest, { first, me: first.you });
  }

  say(message) {
    this.way.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next message that is so. */
  next(is) {
    return new Promise((done) => this.#awaited.push({ is, done: (message) => void done(message) }));
  }

  /** The answer to a probe: the room and this connection are well. */
  echo(sent = 1) {
    const echo = this.next((message) => message.type === "echo" && message.sent === sent);
    this.say({ type: "probe", sent });
    return echo;
  }

  command(action, { stamp }, id = 1) {
    this.say({ type: "command", id, base: stamp, action });
  }

  bye() {
    return this.next(({ type }) => type === "bye");
  }
}

/** What is said on the console until the test ends. */
export function failures(context) {
  const said = [];
  const { error } = console;
  console.error = (...words) => said.push(words.join(" "));
  context.after(() => (console.error = error));
  return said;
}

export const isOf = (cause) => (message) => message.type === "state" && message.cause === cause;
