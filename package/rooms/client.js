// One socket of socket.io, and the one room that it is in.

import { bye } from "watchparty-room"; // The module's script, which stands in the bundle.

// Longest message of a member, in bytes.
const LONGEST = 4096;
// Longest token in a message, in bytes.
const LONGEST_TOKEN = 1024;
// The most messages of one client that wait because it sends too many: one that sends more yet is let go.
const INBOX = 64;
// Packets that wait for one client, those of the host's page among them, above which it is asked whether it reads. It is let go
// if none of them has gone out for that time, in milliseconds, or when as many of the room's have come on top.
const OUTBOX = 256;
const PATIENCE = 2_000;
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
  // How many messages were sent while too many packets waited, and the timer by which they must have gone out.
  #behind = 0;
  #patience = null;

  /** `rate` is how many messages it may send in a second. */
  constructor(socket, party, rate) {
    this.#socket = socket;
    this.#party = party;
    this.#messages = new Allowance(rate);
    this.#commands = new Allowance(rate / MESSAGES_PER_COMMAND);
    socket.on("watchparty", this.#receive).on("disconnect", this.#gone);
  }

  /** Serves the socket no longer. */
  stop() {
    this.#waiting = [];
    this.#socket.off("watchparty", this.#receive).off("disconnect", this.#gone);
  }

  #gone = () => {
    this.stop();
    this.#leave();
    this.#party.lost(this);
  };

  /** It is in that room from now on. */
  entered(room, connection) {
    if (this.#room !== null) this.end("replaced");
    [this.#room, this.#connection] = [room, connection];
  }

  /** One of its room's messages. */
  send(text) {
    if (this.#socket.conn.writeBuffer?.length > OUTBOX) {
      if (this.#behind === OUTBOX) return this.#drop("slow");
      this.#behind += 1;
      this.#awaitDrain();
    }
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

  /** All that waits goes out together as soon as the network takes it: a burst does not make a slow reader. */
  #awaitDrain() {
    if (this.#patience !== null) return;
    const patience = setTimeout(() => {
      // Where this process itself stood still, what the network has taken meanwhile is heard of first.
      setImmediate(() => this.#patience === patience && this.#drop("slow"));
    }, PATIENCE);
    this.#patience = patience.unref();
    this.#socket.conn.once("drain", this.#drained);
  }

  #drained = () => {
    clearTimeout(this.#patience);
    this.#patience = null;
    this.#behind = 0;
    this.#socket.conn.off("drain", this.#drained);
  };

  #receive = (room, text) => {
    const isText = typeof text === "string" && Buffer.byteLength(text) <= LONGEST;
    const isMessage = typeof room === "string" && room.length <= LONGEST && (isText || text === undefined);
    if (!isMessage || this.#waiting.length >= INBOX) return this.#drop("misbehaved");
    this.#waiting.push([room, text]);
    this.#serve();
  };

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
      if (type === undefined) this.end("misbehaved");
      else this.#party.hear(this, room, this.#connection, text);
    } else if (type === undefined) {
      this.#refuse(room, "misbehaved");
    } else if (type === "hello") {
      this.#after(this.#enter(room, text, token));
    }
    // Anything else is left of an earlier stay.
  }

  async #enter(room, text, token) {
    let grant;
    try {
      grant = await this.#party.admit(this.#socket, room, token);
    } catch (error) {
      // The host's own: it may be well again when the client comes back.
      console.error("watchparty-player: `admit` has failed:", error);
      return this.#refuse(room, "restart");
    }
    if (!this.#socket.connected) return;
    const why = grant ? this.#party.enter(this, room, text, grant) : "forbidden";
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
    this.#drained();
    if (room !== null) this.#party.leave(room, connection);
  }
}

/** What a client may send: `rate` in a second, and twice that at once, but one at least. */
class Allowance {
  #rate;
  #most;
  #left;
  #at = performance.now();

  constructor(rate) {
    this.#rate = rate;
    this.#most = Math.max(1, rate * 2);
    this.#left = this.#most;
  }

  /** Milliseconds until there may be another. */
  wait() {
    const at = performance.now();
    this.#left = Math.min(this.#left + ((at - this.#at) / 1000) * this.#rate, this.#most);
    this.#at = at;
    return this.#left >= 1 ? 0 : ((1 - this.#left) / this.#rate) * 1000;
  }

  spend() {
    this.#left -= 1;
  }
}

/** The kind of a message and its token; neither where it is none. What serde would read though it is none ends here. */
function parse(text) {
  try {
    const message = JSON.parse(text);
    const { type, token = null } = message;
    const isToken = token === null || (typeof token === "string" && Buffer.byteLength(token) <= LONGEST_TOKEN);
    return typeof type === "string" && isToken && !Array.isArray(message) ? { type, token: token ?? undefined } : {};
  } catch {
    return {};
  }
}
