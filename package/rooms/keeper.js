// One room and the loop around it, in a Node server or in the tab that keeps the room. What all do is decided in crates/party:
// this hands facts in and sends what comes of them.

// Time between two looks at a room in which nothing is due, in milliseconds: it may have been empty for long.
const LONGEST_WAIT = 60_000;

/** Milliseconds since 1970 on a clock that nobody sets. */
export const now = () => performance.timeOrigin + performance.now();

export class Keeper {
  #room;
  #way;
  #timer;
  #version;
  #isOver = false;

  /**
   * `room` is one of the started module. `way` has `send(text, connections)`, `close(connection, text)` and `random()`, which gives 128
   * random bits in base64url, and may have `changed(keeper)`,
   * `over()` for a room that nobody has been in for five minutes, and a clock of its own, `now()`.
   */
  constructor(room, way) {
    this.#room = room;
    this.#way = { now, changed() {}, over() {}, ...way };
    this.#drain();
  }

  /** A member's text; `false` where it is no message. `grant` is what the keeper says of a member that says hello. */
  hear(connection, text, { host, name } = {}) {
    const isMessage = this.#room.hear(this.#way.now(), connection, text, this.#way.random(), host, name);
    this.#drain();
    return isMessage;
  }

  /** A connection is gone. */
  closed(connection) {
    this.#room.closed(this.#way.now(), connection);
    this.#drain();
  }

  /** What the keeper before this one has left, where it comes late. */
  adopt(shared) {
    this.#room.adopt(this.#way.now(), shared);
    this.#drain();
  }

  /** What another keeper needs to go on with the room. */
  get shared() {
    return this.#room.shared();
  }

  /** The state and the members, as the message format has them. */
  get view() {
    return JSON.parse(this.#room.view());
  }

  /** Forgets the room. */
  stop() {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#room.free();
  }

  // What is sent may bring another fact about before this has ended; whoever is called later finds nothing left.
  #drain() {
    const version = this.#room.version();
    // Nobody is told of a change before it is kept.
    if (this.#version !== version) this.#way.changed(this);
    this.#version = version;
    while (!this.#isOver) {
      const [what, detail, ...connections] = this.#room.poll();
      if (what === "wait") {
        this.#wait(detail);
        break;
      }
      if (what === "send") this.#way.send(detail, connections);
      else this.#way.close(connections[0], detail);
    }
  }

  #wait(until = Infinity) {
    clearTimeout(this.#timer);
    const { now, over } = this.#way;
    const due = () => {
      if (this.#room.isOver(now())) return over();
      this.#room.tick(now());
      this.#drain();
    };
    this.#timer = setTimeout(due, Math.min(Math.max(0, until - now()), LONGEST_WAIT));
    // A server that ends does not wait for its rooms.
    this.#timer.unref?.();
  }
}
