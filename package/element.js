// <watchparty-player src controls poster start-time muted loop autoplay preload>: a thin layer over `Player`, which can be used
// as a media element is.

import { followGrowth } from "./growing.js";
import { Player } from "./index.js";

const EVENTS = [
  "state", "loaded", "detached", "reopening", "firstframe", "play", "pause", "rate", "seeking", "seeked", "seek", "stall-predicted", "stalled",
  "recovered", "reconnected", "retrying", "damaged",
  "unchecked", "content-changed", "steppedover", "response", "buffer", "tracks", "rendition", "renditions", "growth", "complete", "ended", "error",
];

// Those of media elements beside the ones that a player has of the same name.
const MEDIA_EVENTS = [
  "loadstart", "progress", "suspend", "abort", "emptied", "loadedmetadata", "loadeddata", "canplay", "canplaythrough", "playing",
  "waiting", "durationchange", "timeupdate", "ratechange", "resize", "volumechange",
];

// What the element has of its video.
const READABLE = [
  "paused", "duration", "ended", "seeking", "buffered", "played", "seekable", "readyState", "networkState", "videoWidth", "videoHeight",
];
const WRITABLE = ["volume", "muted", "playbackRate", "defaultPlaybackRate", "preservesPitch"];
const SWITCHES = ["controls", "loop", "autoplay"];
// With `src` begins what the others count for.
const TEXTS = ["poster", "preload", "src"];

const STYLE = `
  :host { display: block; position: relative; aspect-ratio: 16 / 9; background: #000; }
  :host([hidden]) { display: none; }
  video { display: block; width: 100%; height: 100%; }
  p { position: absolute; inset: 0.5em auto auto 0.5em; margin: 0; padding: 0.2em 0.5em; color: #fff; background: rgb(0 0 0 / 70%); pointer-events: none; }
  p:empty { display: none; }
`;

class WatchpartyPlayer extends (globalThis.HTMLElement ?? Object) {
  static observedAttributes = ["src", "controls", "poster", "muted", "loop"];

  #player = null;
  #attached = null;
  #turn = 0;
  #options = {};
  #ready = document.createElement("p");
  // Where the film was when the element was taken out of the document, until it is there again.
  #left = null;

  constructor() {
    super();
    // Unlike a <style>, a sheet made by a script needs no leave from the page's content security policy.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.video = document.createElement("video");
    this.video.playsInline = true;
    this.video.setAttribute("part", "video");
    for (const name of MEDIA_EVENTS) this.video.addEventListener(name, () => this.dispatchEvent(new Event(name)));
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.#ready.setAttribute("part", "ready");
    this.#ready.setAttribute("role", "status");
    root.append(this.video, this.#ready);
  }

  /** The player, once there is one; `null` before, and while the element is in no document. */
  get player() {
    return this.#player;
  }

  /** What its player is given; what is set later is changed by `Player.configure`. */
  get options() {
    return this.#options;
  }

  set options(given) {
    this.#player?.configure(given);
    this.#options = { ...this.#options, ...given };
  }

  get startTime() {
    return Number(this.getAttribute("start-time")) || 0;
  }

  set startTime(seconds) {
    this.setAttribute("start-time", seconds);
  }

  get currentTime() {
    return this.#left?.time ?? this.video.currentTime;
  }

  set currentTime(seconds) {
    if (this.#left) this.#left.time = Number(seconds);
    if (this.#player || !this.#left) this.video.currentTime = seconds;
  }

  async play() {
    if (this.#left && this.#attached) this.#left.plays = true;
    const player = await this.#attached;
    if (player) return player.play();
    const [code, action, remedy] = ["no-film", "load", "give the element a src and a place in the document"];
    const error = new Error("there is nothing to play");
    throw Object.assign(error, { name: "PlayerError", code, fatal: true, action, remedy, context: null, history: [] });
  }

  pause() {
    if (this.#left) this.#left.plays = false;
    if (this.#player) this.#player.pause();
    else this.video.pause();
  }

  connectedCallback() {
    // What was set before the element was defined hides what the class has.
    for (const name of ["options", "startTime", "currentTime", ...WRITABLE, ...SWITCHES, ...TEXTS]) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    if (!this.#attached) this.#load();
  }

  disconnectedCallback() {
    const { currentTime: time, paused, ended, playbackRate: rate, readyState } = this.video;
    // An element that is moved is taken out and put in again at once.
    queueMicrotask(() => {
      if (this.isConnected || !this.#attached) return;
      this.#turn += 1;
      if (readyState) this.#left ??= { time, plays: !paused && !ended, rate };
      this.#attached.then((player) => player.destroy(), () => {});
      this.#say({ text: "" });
      this.#player = this.#attached = null;
    });
  }

  attributeChangedCallback(name, before, value) {
    if (before === value) return;
    if (name === "poster") this.video.poster = value ?? "";
    else if (name === "src") {
      this.#left = null;
      this.#load();
    } else this.video[name] = value !== null;
  }

  async #load() {
    if (!this.isConnected || !this.src) return;
    const turn = ++this.#turn;
    const { src } = this;
    try {
      this.#attached ??= this.#attach(src);
      const player = await this.#attached;
      if (turn !== this.#turn) return;
      const how = this.#how();
      const left = this.#left;
      this.#player = player;
      if (left) this.video.playbackRate = left.rate;
      await player.load(src, how);
      if (turn !== this.#turn) return;
      this.#left = null;
      if (left ? left.plays : this.autoplay) await player.play();
    } catch (error) {
      if (turn !== this.#turn || this.#player) return; // A player that exists has told of it by an event.
      this.#attached = null;
      this.dispatchEvent(new CustomEvent("error", { detail: error }));
    }
  }

  // Where to begin: where the film was left, or what `currentTime` was set to before there was a player, or as the attribute says.
  #how() {
    const startTime = this.#left?.time ?? (this.#player ? 0 : this.video.currentTime);
    if (this.#left || startTime) return { startTime };
    return this.hasAttribute("start-time") ? { startTime: this.startTime } : {};
  }

  async #attach(src) {
    const options = this.#options;
    const player = await Player.attach(this.video, { ...options, preload: this.getAttribute("preload") ?? options.preload, src });
    try {
      if (this.#options !== options) player.configure(this.#options);
    } catch (error) {
      player.destroy();
      throw error;
    }
    for (const name of EVENTS) {
      player.addEventListener(name, ({ detail }) => this.dispatchEvent(new CustomEvent(name, { detail })));
    }
    player.addEventListener("growth", ({ detail }) => this.#say(detail));
    // A page may load another film than the element's.
    const { load } = player;
    let loaded;
    player.load = (source, how) => load.call(player, (loaded = source), how);
    followGrowth(player, this.video, (startTime) => player.load(loaded, { startTime }));
    return player;
  }

  // It is read aloud where the film waits, not every two seconds.
  #say({ text, waiting }) {
    this.#ready.setAttribute("aria-live", waiting ? "polite" : "off");
    this.#ready.textContent = waiting ? `${text}. Waiting for more of the film…` : text;
  }
}

function define(name, accessors) {
  Object.defineProperty(WatchpartyPlayer.prototype, name, { configurable: true, enumerable: true, ...accessors });
}

for (const name of READABLE) define(name, { get() { return this.video[name]; } });
for (const name of WRITABLE) define(name, { get() { return this.video[name]; }, set(value) { this.video[name] = value; } });
for (const name of SWITCHES) {
  define(name, { get() { return this.hasAttribute(name); }, set(value) { this.toggleAttribute(name, Boolean(value)); } });
}
for (const name of TEXTS) {
  define(name, { get() { return this.getAttribute(name) ?? ""; }, set(value) { this.setAttribute(name, value); } });
}

/** Makes the element known. Elements that stand in the page before have their size at once. */
export function defineElement(name = "watchparty-player") {
  if (!customElements.get(name)) customElements.define(name, WatchpartyPlayer);
}
