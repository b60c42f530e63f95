// One socket of socket.io, and the one room that it is in.

import { bye } from "watchparty-room"; // The module's script, which stands in the bundle.

// Longest message of a member, in bytes.
const LONGEST = 4096;
// The most messages of one client that wait because it sends too many: one that sends more yet is let go.
const INBOX = 64;
// The most packets that wait for one client: one for which more would wait is let go. The answers to a burst go out together,
// and do not make a slow reader.
const OUTBOX = 256;
// Messages of which one may be a hello or a command: each of these makes the room tell everybody.
const MESSAGES_PER_COMMAND = 5;

export class Client {
  #socket;
  #party;
  #room = null;
  #connection = null;
  #waiting = [];
  #isBusy = false;
  #messages;
  #commands;

  /** `rate` is how many messages it may send in a second. */
  constructor(socket, party, rate) {
    this.#socket = socket;
    this.#party = party;
    this.#messages = new Allowance(rate);
    this.#commands = new Allowance(rate / MESSAGES_PER_COMMAND);
    socket.on("watchparty", (room, text) => this.#receive(room, text));
    socket.on("disconnect", () => {
      this.#waiting = [];
      this.#leave();
    });
  }

  /** It is in that room from now on. */
  entered(room, connection) {
    if (this.#room !== null) this.end("replaced");
    [this.#room, this.#connection] = [room, connection];
  }

  /** One of its room's messages. */
  send(text) {
    if (this.#socket.conn.writeBuffer?.length > OUTBOX) return this.#drop("slow");
    this.#socket.emit("watchparty", this.#room, text);
  }

  /** The last message of its room. */
  finish(text) {
    const room = this.#room;
    this.#leave();
    this.#socket.emit("watchparty", room, text);
  }

  /** It is no longer in its room. */
  end(why) {
    this.finish(bye(why, this.#connection));
  }

  #receive(room, text) {
    const isText = typeof text === "string" && Buffer.byteLength(text) <= LONGEST;
    const isMessage = typeof room === "string" && room.length <= LONGEST && (isText || text === undefined);
    if (!isMessage || this.#waiting.length >= INBOX) return this.#drop("misbehaved");
    this.#waiting.push([room, text]);
    this.#serve();
  }

  /** One message after the other, and none sooner than it may: a burst waits, as it would in the network. */
  #serve() {
    while (!this.#isBusy && this.#waiting.length > 0) {
      const wait = Math.max(this.#messages.wait(), this.#commands.wait());
      if (wait > 0) this.#after(new Promise((done) => setTimeout(done, wait)));
      else this.#take(...this.#waiting.shift());
    }
  }

  async #after(what) {
    this.#isBusy = true;
    await what;
    this.#isBusy = false;
    this.#serve();
  }

  #take(room, text) {
    this.#messages.spend();
    if (text === undefined) {
      if (room === this.#room) this.#leave();
      return;
    }
    const { type, token } = parse(text);
    if (type === "command" || type === "hello") this.#commands.spend();
    if (room === this.#room) {
      if (!this.#party.hear(room, this.#connection, text)) this.end("misbehaved");
    } else if (type === undefined) {
      this.#refuse(room, "misbehaved");
    } else if (type === "hello") {
      this.#after(this.#enter(room, text, token));
    }
    // Anything else is left of an earlier stay.
  }

  async #enter(room, text, token) {
    let why;
    try {
      const grant = await this.#party.admit(this.#socket, room, token);
      if (!this.#socket.connected) return;
      why = grant ? this.#party.enter(this, room, text, grant) : "forbidden";
    } catch (error) {
      // The host's own: it may be well again when the client comes back.
      console.error("watchparty-player: `admit` has failed:", error);
      why = "restart";
    }
    if (why) this.#refuse(room, why);
  }

  #refuse(room, why) {
    this.#socket.emit("watchparty", room, bye(why, Math.floor(Math.random() * 1e6)));
  }

  /** Whoever cannot be served any more is not read any more either. */
  #drop(why) {
    this.#waiting = [];
    if (this.#room !== null) this.end(why);
    this.#socket.disconnect(true);
  }

  #leave() {
    const [room, connection] = [this.#room, this.#connection];
    [this.#room, this.#connection] = [null, null];
    if (room !== null) this.#party.leave(room, connection);
  }
}

/** What a client may send: `rate` in a second, and twice that at once. */
class Allowance {
  #rate;
  #left;
  #at = performance.now();

  constructor(rate) {
    this.#rate = rate;
    this.#left = rate * 2;
  }

  /** Milliseconds until there may be another. */
  wait() {
    const at = performance.now();
    this.#left = Math.min(this.#left + ((at - this.#at) / 1000) * this.#rate, this.#rate * 2);
    this.#at = at;
    return this.#left >= 1 ? 0 : ((1 - this.#left) / this.#rate) * 1000;
  }

  spend() {
    this.#left -= 1;
  }
}

/** The kind of a message and its token; neither where it is none. */
function parse(text) {
  try {
    const { type, token } = JSON.parse(text);
    return typeof type === "string" ? { type, token } : {};
  } catch {
    return {};
  }
}
