// Rooms on a Node host's own socket.io server.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Room, initSync } from "watchparty-room"; // The module's script, which stands in the bundle.
import { Client } from "./client.js";
import { Keeper, now } from "./keeper.js";

// Longest name of a member, in bytes: more UTF-16 than that is never needed.
const LONGEST_NAME = 64;

let module;

/** 128 random bits in base64url. */
const random = () => randomBytes(16).toString("base64url");

/** Keeps rooms for the clients of `io`, a server of socket.io or one of its namespaces. See the types. */
export function watchParty(io, options) {
  module ??= initSync({ module: readFileSync(new URL("./room_bg.wasm", import.meta.url)) });
  const party = new Party(options);
  const serve = (socket) => party.serve(socket);
  io.on("connection", serve);
  // A server has its sockets in its first namespace.
  for (const socket of (io.sockets.sockets ?? io.sockets).values()) serve(socket);
  return {
    get rooms() {
      return party.rooms;
    },
    get clients() {
      return party.clients;
    },
    room: (name) => party.view(name),
    close() {
      io.off("connection", serve);
      party.close();
    },
  };
}

class Party {
  #admit;
  #limits;
  #clock = random();
  #rooms = new Map();
  // By name, the one that was left first is the first.
  #empty = new Set();
  // By the number of their connection to a room, and all whose sockets are served.
  #clients = new Map();
  #served = new Set();
  #next = 1;
  #isOver = false;

  constructor({ admit, maxRooms = 10_000, maxMembers = 50, maxClients = 12_000, maxRate = 50 } = {}) {
    this.#admit = admit;
    this.#limits = { maxRooms, maxMembers, maxClients, maxRate };
    for (const [name, limit] of Object.entries(this.#limits)) {
      if (!Number.isFinite(limit)) throw new TypeError(`watchParty: ${name} must be a number, not ${String(limit)}`);
    }
  }

  get rooms() {
    return this.#rooms.size;
  }

  get clients() {
    return this.#clients.size;
  }

  view(name) {
    return this.#rooms.get(name)?.keeper.view ?? null;
  }

  serve(socket) {
    this.#served.add(new Client(socket, this, Math.max(1, this.#limits.maxRate)));
  }

  /** A client's socket is gone. */
  lost(client) {
    this.#served.delete(client);
  }

  /** What is granted to a client that says hello; `null` where it may not enter. */
  async admit(socket, name, token) {
    // Where nobody is asked, the name must be one that nobody can guess.
    const names = this.#admit ? /^[\w-]{1,64}$/ : /^[\w-]{22,64}$/;
    if (!names.test(name)) return null;
    const grant = this.#admit ? await this.#admit(socket, name, token) : true;
    if (!grant) return null;
    const { host, name: called = null } = grant;
    return {
      host: typeof host === "boolean" ? host : undefined,
      name: called === null ? undefined : String(called).slice(0, LONGEST_NAME),
    };
  }

  /** Takes a client in, or says why not. */
  enter(client, name, text, grant) {
    if (this.#isOver) return "restart";
    if (this.#clients.size >= this.#limits.maxClients) return "full";
    const known = this.#rooms.get(name);
    const room = known ?? this.#open(name);
    if (!room) return "full";
    const connection = this.#next++;
    client.entered(name, connection);
    this.#clients.set(connection, client);
    this.#empty.delete(name);
    room.present += 1;
    this.hear(client, name, connection, text, grant);
    // A hello that is none has made no room.
    if (!known && room.present === 0) this.#forget(name);
  }

  /** A client's message. What fails in it ends that client's stay, not the host's process. */
  hear(client, name, connection, text, grant) {
    try {
      if (!this.#rooms.get(name).keeper.hear(connection, text, grant)) client.end("misbehaved");
    } catch (error) {
      console.error("watchparty-player: a room has failed:", error);
      client.end("restart");
    }
  }

  leave(name, connection) {
    const room = this.#rooms.get(name);
    this.#clients.delete(connection);
    room.present -= 1;
    if (room.present === 0) this.#empty.add(name);
    room.keeper.closed(connection);
  }

  close() {
    this.#isOver = true;
    for (const client of this.#clients.values()) client.end("restart");
    for (const client of this.#served) client.stop();
    this.#served.clear();
    for (const name of this.#rooms.keys()) this.#forget(name);
  }

  /** Where there are too many, the one that was empty longest gives way. */
  #open(name) {
    const { maxRooms, maxMembers } = this.#limits;
    if (this.#rooms.size >= maxRooms) {
      const [longest] = this.#empty;
      if (longest === undefined) return null;
      this.#forget(longest);
    }
    const keeper = new Keeper(new Room(now(), Date.now(), maxMembers, this.#clock), {
      random,
      send: (text, connections) => connections.forEach((connection) => this.#clients.get(connection)?.send(text)),
      close: (connection, text) => this.#clients.get(connection)?.finish(text),
      over: () => this.#forget(name),
    });
    const room = { keeper, present: 0 };
    this.#rooms.set(name, room);
    return room;
  }

  #forget(name) {
    this.#rooms.get(name).keeper.stop();
    this.#rooms.delete(name);
    this.#empty.delete(name);
  }
}
