// A room among the tabs of one browser: one of them keeps it, and when that one goes another goes on with it.

import start, { Room } from "watchparty-room"; // The module's script, which stands in the bundle.
import { plain } from "../plain.js";
import { Keeper, now } from "./keeper.js";

// Wait before a room is taken over, in milliseconds: what its keeper has told last may come later than its lock.
const LATE = 100;
const MOST_MEMBERS = 50;

let isTold = false;

/** The way to `room` among this browser's tabs. */
export function tabs(room) {
  if (!navigator.locks) throw new Error("this browser has no navigator.locks here: the page must come over https, or from localhost");
  let tab = null;
  const way = {
    room,
    open() {
      if (tab) return tab.ask();
      tab = new Tab(room, way, () => {
        way.close();
        way.onclose?.();
      });
    },
    close() {
      tab?.end();
      tab = null;
    },
    send(text) {
      tab?.send(text);
    },
  };
  return way;
}

/** One tab, from when it comes to when it goes. */
class Tab {
  #way;
  #fail;
  #lock;
  #channel;
  #end = new AbortController();
  // The number of its connection to the room.
  #me = crypto.getRandomValues(new Uint32Array(1))[0];
  // Of the keeper that was heard last, since when it keeps the room; what it has told of the room, and its clock less this one.
  #known = { term: 0, shared: undefined, offset: 0 };
  #keeper = null;
  #members = new Set();
  #isAsked = true;
  #isOpen = false;

  constructor(name, way, fail) {
    this.#way = way;
    this.#fail = fail;
    this.#lock = `watchparty:${name}`;
    this.#channel = new BroadcastChannel(this.#lock);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    // At once, though it may never be needed: when the keeper goes, the network may be gone, too.
    const ready = start({ module_or_path: plain(new URL("./room_bg.wasm", import.meta.url)) });
    ready.catch(this.#lost);
    // A page that goes may come back from the browser's memory: it does not take the room along, and enters it anew.
    const { signal } = this.#end;
    addEventListener("pagehide", () => this.#lost(), { signal });
    document.addEventListener("freeze", () => this.#lost(), { signal });
    // By this lock the keeper sees that the tab is there, by the other one the tabs agree on one keeper.
    this.#hold(this.#lockOf(this.#me), () => {
      this.#channel.postMessage({ who: true });
      this.#hold(this.#lock, () => ready.then(() => this.#lead()).catch(this.#lost));
    });
  }

  /** It cannot go on, and lets go of all; the member comes back by itself. What comes after the end is none of that. */
  #lost = (error) => {
    if (this.#end.signal.aborted) return;
    if (error && !isTold) console.error("watchparty-player: a room among tabs has failed:", error);
    isTold ||= Boolean(error);
    this.#fail();
  };

  /** The member wants to be told when the room is there. */
  ask() {
    this.#isAsked = true;
    if (this.#known.term > 0) this.#open();
  }

  send(text) {
    if (!this.#isOpen) return;
    if (this.#keeper) this.#keeper.hear(this.#me, text);
    else this.#channel.postMessage({ from: this.#me, text });
  }

  end() {
    this.#end.abort();
    this.#keeper?.stop();
    this.#channel.close();
  }

  #lockOf(tab) {
    return `${this.#lock}:${tab}`;
  }

  /** Holds a lock once it is free, until the end. */
  #hold(lock, held) {
    const { signal } = this.#end;
    const hold = () => {
      if (signal.aborted) return;
      held();
      return new Promise((done) => signal.addEventListener("abort", done, { once: true }));
    };
    // Refused where a frame may have no locks, or taken away.
    navigator.locks.request(lock, { signal }, hold).catch(this.#lost);
  }

  async #lead() {
    await new Promise((done) => setTimeout(done, LATE));
    if (this.#end.signal.aborted) return;
    const { term, shared, offset } = this.#known;
    // The room's time goes on.
    const clock = () => now() + offset;
    this.#known.term = Math.max(Date.now(), term + 1);
    this.#keeper = new Keeper(new Room(clock(), Date.now(), MOST_MEMBERS, random(), shared), {
      now: clock,
      random,
      send: (text, connections) => this.#tell(text, connections),
      close: (connection, text) => this.#tell(text, [connection]),
      changed: (keeper) => this.#announce(keeper),
    });
    this.#changeKeeper();
  }

  #announce(keeper) {
    const { term, offset } = this.#known;
    this.#channel.postMessage({ term, now: now() + offset, shared: keeper.shared });
  }

  #tell(text, connections) {
    const others = connections.filter((connection) => connection !== this.#me);
    if (others.length > 0) this.#channel.postMessage({ to: others, text });
    if (others.length < connections.length) queueMicrotask(() => this.#isOpen && this.#way.onmessage?.(text));
  }

  #hear({ who, term, now: at, shared, from, to, text }) {
    if (who) return this.#keeper && this.#announce(this.#keeper);
    if (term) return this.#learn(term, shared, at - now());
    if (to) return to.includes(this.#me) && this.#isOpen && this.#way.onmessage?.(text);
    if (!this.#keeper) return;
    if (!this.#members.has(from)) this.#watch(from);
    this.#keeper.hear(from, text);
  }

  /** A keeper tells what must not be lost of the room. */
  #learn(term, shared, offset) {
    // One that is no longer the keeper has said that before it went.
    if (term < this.#known.term) return this.#keeper?.adopt(shared);
    const isOther = term > this.#known.term;
    // The message that took the least time tells the clock best.
    this.#known = { term, shared, offset: isOther ? offset : Math.max(offset, this.#known.offset) };
    if (isOther) this.#changeKeeper();
  }

  /** Another keeper knows nobody before they have come to it. */
  #changeKeeper() {
    if (this.#isOpen) {
      this.#isOpen = this.#isAsked = false;
      this.#way.onclose?.();
    } else if (this.#isAsked) {
      this.#open();
    }
  }

  #open() {
    this.#isOpen = true;
    this.#way.onopen?.();
  }

  /** That tab's lock is free once it has gone. */
  #watch(tab) {
    this.#members.add(tab);
    const gone = () => {
      this.#members.delete(tab);
      if (!this.#end.signal.aborted) this.#keeper.closed(tab);
    };
    navigator.locks.request(this.#lockOf(tab), { signal: this.#end.signal }, gone).catch(this.#lost);
  }
}

/** 128 random bits in base64url. */
function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
