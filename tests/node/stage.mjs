// What a page needs of a browser to watch together, in a time of the test's own: a clock, videos without pictures, and a film that goes up.

import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";

/** Time that passes only where the test lets it. */
export class Clock {
  now = 0;
  #due = [];
  #last = 0;
  #settled = setImmediate;

  constructor(context) {
    const later = (every) => (call, wait = 0, ...given) => this.#add(call, this.now + Math.max(0, wait), every ? Math.max(1, wait) : 0, given);
    const clear = (timer) => (this.#due = this.#due.filter(({ id }) => id !== timer?.id));
    replace(context, {
      performance: { timeOrigin: 1.7e12, now: () => this.now },
      setTimeout: later(false),
      setInterval: later(true),
      clearTimeout: clear,
      clearInterval: clear,
    });
  }

  #add(call, at, every, given) {
    const timer = { id: ++this.#last, call, at, every, given, unref: () => timer };
    this.#due.push(timer);
    return timer;
  }

  /** What has been promised comes first. */
  settle() {
    return new Promise((done) => this.#settled.call(globalThis, done));
  }

  async run(milliseconds) {
    const end = this.now + milliseconds;
    await this.settle();
    for (;;) {
      const next = this.#due.reduce((first, one) => (one.at <= end && !(first?.at <= one.at) ? one : first), null);
      if (!next) break;
      this.now = Math.max(this.now, next.at);
      this.#due = this.#due.filter((timer) => timer !== next);
      if (next.every) this.#due.push(Object.assign(next, { at: this.now + next.every }));
      next.call(...next.given);
      await this.settle();
    }
    this.now = end;
  }
}

/** What pages find in a browser, for the time of a test. */
export function browse(context) {
  const nothing = { addEventListener() {} };
  replace(context, {
    navigator: { userAgent: "Chrome/140" },
    document: { hidden: false, ...nothing },
    window: nothing,
    fetch: async (url) => new Response(readFileSync(new URL(url)), { headers: { "Content-Type": "application/wasm" } }),
  });
}

function replace(context, globals) {
  for (const [name, value] of Object.entries(globals)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    context.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
  }
}

/** Both ends of a socket of socket.io, without a network between them. */
export function wire(io) {
  const [client, server] = [new EventEmitter(), new EventEmitter()];
  const cross = (from, to) => {
    const hear = from.emit.bind(from);
    from.emit = (...what) => setTimeout(() => to.hear(...what), 20);
    from.hear = hear;
  };
  cross(client, server);
  cross(server, client);
  Object.assign(client, { connected: true, active: true });
  Object.assign(server, { connected: true, conn: new EventEmitter(), disconnect() {} });
  io.emit("connection", server);
  return client;
}

const LOOK = 20;
const OPENING = 600;
const SEEK = 80;
const ID = "3f".repeat(16);

/** A video that plays what its player has loaded. */
class Video extends EventTarget {
  paused = true;
  seeking = false;
  readyState = 0;
  duration = NaN;
  preservesPitch = true;
  #rate = 1;
  #time = 0;

  constructor() {
    super();
    setInterval(() => this.#move(), LOOK);
  }

  get playbackRate() {
    return this.#rate;
  }

  set playbackRate(rate) {
    this.#rate = rate;
    this.say("ratechange");
  }

  get currentTime() {
    return this.#time;
  }

  get ended() {
    return this.readyState > 0 && this.#time >= this.duration;
  }

  say(event) {
    this.dispatchEvent(new Event(event));
  }

  #move() {
    if (this.paused || this.seeking || this.readyState < 3) return;
    this.#time = Math.min(this.duration, this.#time + (LOOK / 1e3) * this.#rate);
    this.say("timeupdate");
    if (!this.ended) return;
    this.paused = true;
    this.say("pause");
    this.say("ended");
  }

  go(to) {
    this.#time = Math.max(0, Math.min(to, this.duration));
    this.seeking = true;
    this.say("seeking");
    setTimeout(() => {
      this.seeking = false;
      this.say("seeked");
    }, SEEK);
  }

  empty() {
    Object.assign(this, { paused: true, seeking: false, readyState: 0, duration: NaN });
    this.#time = 0;
    this.say("emptied");
  }

  fill(time, duration) {
    Object.assign(this, { readyState: 4, duration });
    this.#time = time;
    this.say("canplay");
  }
}

/** A player with a video, of a film of which `film.ready` seconds are there, `Infinity` for all. */
export class Player extends EventTarget {
  film = null;
  state = "idle";
  party = null;
  audioTracks = [];
  textTracks = [];
  textTrackOffset = 0;
  video = new Video();
  /** How often it was loaded. */
  loads = 0;
  #source;
  #told;

  constructor(source) {
    super();
    this.#source = source;
  }

  get #id() {
    const { ready } = this.#source;
    return ready === Infinity ? ID : `${ID}r${ready * 1e3}`;
  }

  get playbackRate() {
    return this.video.playbackRate;
  }

  set playbackRate(rate) {
    this.video.playbackRate = rate;
  }

  #say(event, detail = null) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }

  load(startTime = 0) {
    this.loads += 1;
    [this.film, this.state] = [null, "loading"];
    this.video.empty();
    this.#say("state");
    return new Promise((done) => setTimeout(() => {
      const { ready, length } = this.#source;
      [this.film, this.state] = [{ id: this.#id }, "ready"];
      this.#told = this.#id;
      // Sound reaches further than pictures.
      this.video.fill(startTime, Math.min(ready + 0.5, length));
      this.#say("loaded");
      this.#say("state");
      done();
    }, OPENING));
  }

  checkForUpdate() {
    if (!this.film || this.#told === this.#id) return;
    this.#told = this.#id;
    this.#say("content-changed", { id: this.#id });
  }

  async play({ origin = "program" } = {}) {
    this.video.paused = false;
    this.#say("play", { origin });
    this.video.say("play");
    return "playing";
  }

  pause({ origin = "program" } = {}) {
    if (this.video.paused) return;
    this.video.paused = true;
    this.#say("pause", { origin });
    this.video.say("pause");
  }

  seek(to, { origin = "program" } = {}) {
    this.video.go(to);
    this.#say("seeking", { to, origin });
  }

  setPlaybackRate(rate) {
    this.video.playbackRate = rate;
  }

  readyIn(place) {
    return this.film && place <= this.video.duration ? 0 : undefined;
  }

  stallsAt() {}

  bufferedAhead(place) {
    return this.film ? Math.max(0, Math.min(this.video.duration, this.#source.ready) - place) : 0;
  }

  addTextTrack() {}

  selectAudio() {}

  async showTextTrack() {}
}
