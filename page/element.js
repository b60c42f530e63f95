// <watchparty-player src controls poster start-time muted autoplay>: a thin layer over `Player`.

const EVENTS = [
  "state", "loaded", "firstframe", "seeking", "seeked", "stalled", "recovered", "retrying", "steppedover", "response",
  "buffer", "complete", "ended", "error",
];

const STYLE = `
  :host { display: block; aspect-ratio: 16 / 9; background: #000; }
  :host([hidden]) { display: none; }
  video { display: block; width: 100%; height: 100%; }
`;

/**
 * Makes the element known. `Player` is the class, or the promise of it: elements may stand in the page before
 * WebAssembly is there. Such an element has its size at once, and its manifest is fetched meanwhile.
 */
export function defineElement(Player, name = "watchparty-player") {
  const ready = Promise.resolve(Player);

  class WatchpartyPlayer extends HTMLElement {
    static observedAttributes = ["src", "controls", "poster", "muted"];

    #player;
    #loading = 0;

    constructor() {
      super();
      const style = document.createElement("style");
      style.textContent = STYLE;
      this.video = document.createElement("video");
      this.video.playsInline = true;
      this.video.setAttribute("part", "video");
      this.attachShadow({ mode: "open" }).append(style, this.video);
    }

    /** The player, once there is one; `null` before, and while the element is in no document. */
    get player() {
      return this.#player ?? null;
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

    play() {
      return ready.then(() => this.#player?.play() ?? "blocked");
    }

    pause() {
      this.#player?.pause();
    }

    connectedCallback() {
      this.#load();
    }

    disconnectedCallback() {
      // An element that is moved is taken out and put in again at once.
      queueMicrotask(() => {
        if (this.isConnected) return;
        this.#loading += 1;
        this.#player?.destroy();
        this.#player = undefined;
      });
    }

    attributeChangedCallback(name, before, value) {
      if (before === value) return;
      if (name === "poster") this.video.poster = value ?? "";
      else if (name === "src") this.#load(true);
      else this.video[name] = value !== null;
    }

    async #load(anew = false) {
      if (!this.isConnected || !this.src || (this.#player && !anew)) return;
      const turn = ++this.#loading;
      const answer = fetch(this.src);
      answer.catch(() => {}); // The player tells of it.
      try {
        const Player = await ready;
        if (turn !== this.#loading) return;
        this.#player ??= this.#attach(Player);
        await this.#player.load(answer, { startTime: this.startTime });
        if (turn === this.#loading && this.hasAttribute("autoplay")) await this.#player.play();
      } catch (error) {
        // A player that exists has told of it by an event.
        if (!this.#player) this.dispatchEvent(new CustomEvent("error", { detail: error }));
      }
    }

    #attach(Player) {
      const player = Player.attach(this.video);
      for (const name of EVENTS) {
        player.addEventListener(name, ({ detail }) => this.dispatchEvent(new CustomEvent(name, { detail })));
      }
      return player;
    }
  }

  customElements.define(name, WatchpartyPlayer);
}
