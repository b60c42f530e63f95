// A stand-in for Safari's ManagedMediaSource, after the Media Source Extensions standard and WebKit's own behaviour: it is
// the only MediaSource; it stays closed unless remote playback is disabled; it says when it wants data; it drops what is
// buffered whenever it likes, and tells of it by `bufferedchange`.
(() => {
  const Real = window.MediaSource;
  const addresses = new Map();

  class ManagedMediaSource extends Real {
    #streaming = false;

    static isTypeSupported(type) {
      return Real.isTypeSupported(type);
    }

    get streaming() {
      return this.#streaming;
    }

    constructor() {
      super();
      window.managed = this;
      this.addEventListener("sourceopen", () => this.stream(true), { once: true });
    }

    /** For tests. */
    stream(wanted) {
      if (wanted === this.#streaming) return;
      this.#streaming = wanted;
      this.dispatchEvent(new Event(wanted ? "startstreaming" : "endstreaming"));
    }

    /** For tests: drops what every buffer holds between two times. */
    async drop(from, to) {
      for (const buffer of this.sourceBuffers) {
        while (buffer.updating) await new Promise((done) => buffer.addEventListener("updateend", done, { once: true }));
        // The player must not take this for an operation of its own.
        const hide = (event) => event.stopImmediatePropagation();
        for (const kind of ["update", "updateend"]) buffer.addEventListener(kind, hide, { capture: true });
        buffer.remove(from, to);
        await new Promise((done) => buffer.addEventListener("updatestart", () => done(), { once: true }));
        while (buffer.updating) await new Promise((done) => setTimeout(done, 5));
        for (const kind of ["update", "updateend"]) buffer.removeEventListener(kind, hide, { capture: true });
        buffer.dispatchEvent(new Event("bufferedchange"));
      }
    }
  }

  window.ManagedMediaSource = ManagedMediaSource;
  delete window.MediaSource;

  const create = URL.createObjectURL;
  URL.createObjectURL = (object) => {
    const address = create.call(URL, object);
    if (object instanceof ManagedMediaSource) addresses.set(address, object);
    return address;
  };
  const { get, set } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "src");
  Object.defineProperty(HTMLMediaElement.prototype, "src", {
    get,
    set(address) {
      if (addresses.has(address) && !this.disableRemotePlayback) return;
      set.call(this, address);
    },
  });
})();
