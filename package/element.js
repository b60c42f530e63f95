// <watchparty-player src controls poster start-time muted autoplay preload>: a thin layer over `Player`.

import { Player } from "./index.js";

const EVENTS = [
  "state", "loaded", "reopening", "firstframe", "play", "pause", "rate", "seeking", "seeked", "stall-predicted", "stalled", "recovered", "reconnected",
  "retrying", "damaged",
  "unchecked", "content-changed", "steppedover", "response", "buffer", "tracks", "complete", "ended", "error",
];

const STYLE = `
  :host { display: block; aspect-ratio: 16 / 9; background: #000; }
  :host([hidden]) { display: none; }
  video { display: block; width: 100%; height: 100%; }
`;

class WatchpartyPlayer extends (globalThis.HTMLElement ?? Object) {
  static observedAttributes = ["src", "controls", "poster", "muted"];

  #player = null;
  #attached = null;
  #turn = 0;

  constructor() {
    super();
    // Unlike a <style>, a sheet made by a script needs no leave from the page's content security policy.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.video = document.createElement("video");
    this.video.playsInline = true;
    this.video.setAttribute("part", "video");
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.video);
  }

  /** The player, once there is one; `null` before, and while the element is in no document. */
  get player() {
    return this.#player;
  }

  get src() {
    return this.getAttribute("src") ?? "";
  }

  set src(address) {
    this.setAttribute("src", address);
  }

  get startTime() {
    return Number(this.getAttribute("start-time")) || 0;
  }

  set startTime(seconds) {
    this.setAttribute("start-time", seconds);
  }

  async play() {
    return (await this.#attached)?.play() ?? "blocked";
  }

  pause() {
    this.#player?.pause();
  }

  connectedCallback() {
    if (!this.#attached) this.#load();
  }

  disconnectedCallback() {
    // An element that is moved is taken out and put in again at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#turn += 1;
      this.#attached?.then((player) => player.destroy(), () => {});
      this.#player = this.#attached = null;
    });
  }

  attributeChangedCallback(name, before, value) {
    if (before === value) return;
    if (name === "poster") this.video.poster = value ?? "";
    else if (name === "src") this.#load();
    else this.video[name] = value !== null;
  }

  async #load() {
    if (!this.isConnected || !this.src) return;
    const turn = ++this.#turn;
    const { src, startTime } = this;
    try {
      this.#attached ??= this.#attach(src);
      const player = await this.#attached;
      if (turn !== this.#turn) return;
      this.#player = player;
      await player.load(src, this.hasAttribute("start-time") ? { startTime } : {});
      if (turn === this.#turn && this.hasAttribute("autoplay")) await player.play();
    } catch (error) {
      if (turn !== this.#turn || this.#player) return; // A player that exists has told of it by an event.
      this.#attached = null;
      this.dispatchEvent(new CustomEvent("error", { detail: error }));
    }
  }

  async #attach(src) {
    const preload = this.getAttribute("preload") ?? undefined;
    const early = preload === "none" ? undefined : src;
    const player = await Player.attach(this.video, { src: early, preload });
    for (const name of EVENTS) {
      player.addEventListener(name, ({ detail }) => this.dispatchEvent(new CustomEvent(name, { detail })));
    }
    return player;
  }
}

/** Makes the element known. Elements that stand in the page before have their size at once. */
export function defineElement(name = "watchparty-player") {
  if (!customElements.get(name)) customElements.define(name, WatchpartyPlayer);
}
