// What is around the choice of a rendition: what the viewer, the page and the device set, what the link does, and what a page may
// ask and say. What decides is `Ladder`, a WebAssembly module.

/** Of so many pictures in a row at most this share may be dropped, or the rendition is too much for the device. */
const DROPPED = 0.1;
const JUDGED = 120;

/** What is told of a request, as the engine numbers it. */
const [SENT, ANSWERED, READ, BYTES, OVER, CLOSED] = [0, 1, 2, 3, 4, 5];

/** Milliseconds in which an answer begins that comes out of the browser's own cache: no network is that quick. */
const CACHED = 2;

/** The answer that a group under way is waited for. */
const WAIT = -1;

export class Renditions {
  #ladder;
  #player;
  #video;
  #streams; // Of the rungs, from the lowest to the highest: their numbers in the manifest.
  #entries;
  #first; // The rung that is played until this here is asked.
  #starts; // Of the groups, in seconds, and the end of the last.
  #rungs = []; // The rung of each group that was asked for.
  #requests = new Map();
  #wanted = "auto";
  #choice = null;
  #seconds;
  #switches = 0;
  #bytes; // Of each group in each rung.
  #thrownAway = 0;
  #undropped = NaN;
  #pictures = { dropped: 0, total: 0 };
  #time = null;
  #stop = new AbortController();

  /** Takes over from `script`, which has stood in, see `early.js`. */
  constructor(Ladder, player, video, script) {
    const { streams, told } = script;
    const rungs = rungsOf(streams);
    // Another film may have been loaded meanwhile.
    if (rungs.length < 2 || told.some(([, what]) => what === CLOSED)) return void (script.tell = () => {});
    this.#player = player;
    this.#video = video;
    this.#streams = rungs.map(({ id }) => id);
    this.#entries = rungs.map(({ entry }) => entry);
    this.#seconds = new Float64Array(rungs.length);
    this.#bytes = rungs.map(({ entry }) => entry.chunks.flatMap((chunk) => chunk.groups.bytes));
    this.#starts = startsOf(this.#entries[0]);
    // The default, otherwise the highest.
    const byDefault = this.#entries.findIndex((entry) => entry.default);
    const usual = byDefault < 0 ? rungs.length - 1 : byDefault;
    const first = this.#streams.indexOf(script.first);
    this.#first = first < 0 ? usual : first;
    this.#ladder = new Ladder(
      Float64Array.from(this.#entries, ({ bandwidth }) => bandwidth),
      Uint32Array.from(this.#entries, ({ height }) => height ?? 0),
      this.#starts,
      Float64Array.from(this.#bytes.flat()),
      soundOf(streams),
      usual,
    );
    // What was wanted before there was anybody to ask for it.
    const { rendition } = player;
    this.#ask(script);
    this.#offer();
    if (this.#streams.includes(rendition)) player.rendition = rendition;
    this.#judge();
    const { signal } = this.#stop;
    video.addEventListener("timeupdate", () => this.#look(), { signal });
    navigator.connection?.addEventListener?.("change", () => this.#limit(), { signal });
    globalThis.addEventListener?.("resize", () => this.#limit(), { signal });
    if (globalThis.ResizeObserver) {
      const size = new ResizeObserver(() => this.#limit());
      size.observe(video);
      signal.addEventListener("abort", () => size.disconnect());
    }
    this.#limit();
  }

  /** Has the engine ask here from now on. Whatever goes wrong here is no reason to stop playing. */
  #ask(script) {
    for (const [now, ...what] of script.told) this.#note(now, ...what);
    script.tell = (what, request, number) => {
      try {
        if (what === CLOSED) this.#close();
        else this.#note(performance.now(), what, request, number);
      } catch (error) {
        console.error(error);
      }
    };
    script.choose = (stream, ...place) => {
      try {
        return this.#choose(stream, ...place);
      } catch (error) {
        console.error(error);
        return stream;
      }
    };
  }

  #note(now, what, request, number) {
    if (what === SENT) return void this.#requests.set(request, { sent: now, cached: false, reads: false });
    const known = this.#requests.get(request);
    if (!known) return;
    if (what === ANSWERED) {
      known.cached = now - known.sent < CACHED;
      if (!known.cached) this.#ladder.answered(number, now - known.sent);
    } else if (what === READ) {
      known.reads = true;
      this.#ladder.beginRead(now);
    } else {
      if (known.reads) this.#ladder.endRead(now, known.cached, what === BYTES ? number : 0);
      known.reads = false;
      if (what === OVER) {
        this.#requests.delete(request);
        this.#ladder.completed();
      }
    }
  }

  /** The number of the stream that a group is fetched from; below zero where one that is under way is waited for (`left`: not below). */
  #choose(stream, start, playhead, goal, bytes, left) {
    const before = this.#streams.indexOf(stream);
    const group = this.#groupAt(start);
    const isUnderWay = left >= 0;
    // A film that is paused, or whose element is not played at any rate, will be played at its normal one.
    const place = [before, start, playhead, goal, bytes, this.#video.playbackRate || 1];
    if (before < 0) return isUnderWay ? WAIT : stream;
    const choice = isUnderWay ? this.#ladder.doubt(performance.now(), left, ...place) : this.#ladder.choose(...place);
    if (!choice) return WAIT;
    const [rung, why, whyNotNext] = choice;
    this.#rungs[group] = rung;
    this.#choice = { rendition: this.#streams[rung], why, whyNotNext };
    if (rung !== before) {
      this.#switches += 1;
      if (isUnderWay) this.#thrownAway += Math.max(0, this.#bytes[before][group] - left);
      const detail = { from: stream, to: this.#streams[rung], at: start, why, whyNotNext };
      queueMicrotask(() => this.#player.dispatchEvent(new CustomEvent("rendition", { detail })));
    }
    return this.#streams[rung];
  }

  #groupAt(time) {
    let [low, high] = [0, this.#starts.length - 2];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      // Numbers of seconds are not exact.
      if (this.#starts[middle] <= time + 1e-4) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The rung that was fetched for a time; what lies ready though nobody was asked is of the one that the engine begins with. */
  #rungAt(time) {
    const asked = this.#rungs[this.#groupAt(time)];
    if (asked !== undefined) return asked;
    const { buffered } = this.#video;
    const isReady = (_, at) => buffered.start(at) <= time && time < buffered.end(at);
    return Array.from({ length: buffered.length }, isReady).includes(true) ? this.#first : undefined;
  }

  /** What a page may ask and say. */
  #offer() {
    const player = this.#player;
    const renditions = () =>
      this.#entries.map(({ width, height, bandwidth, mime, frame_rate }, rung) => ({
        id: this.#streams[rung],
        width: width ?? null,
        height: height ?? null,
        bandwidth,
        mime,
        frameRate: frame_rate ?? null,
        active: this.#rungAt(this.#video.currentTime) === rung,
      }));
    const limits = { maxHeight: player.maxHeight ?? null, maxBitrate: player.maxBitrate ?? null };
    const limit = (name) => ({
      get: () => limits[name],
      set: (value) => {
        if (value !== null && !(value > 0)) throw new RangeError(`${name}: it is no number above 0, nor null`);
        limits[name] = value;
        this.#limit();
      },
    });
    const properties = {
      renditions: { get: renditions },
      rendition: {
        get: () => this.#wanted,
        set: (wanted) => {
          const rung = wanted === "auto" ? NaN : this.#streams.indexOf(wanted);
          if (rung < 0) throw new RangeError("rendition: there is none of that number");
          this.#wanted = wanted;
          this.#ladder.want(rung);
        },
      },
      maxHeight: limit("maxHeight"),
      maxBitrate: limit("maxBitrate"),
      renditionStats: {
        get: () => ({
          seconds: Object.fromEntries(this.#streams.map((id, rung) => [id, this.#seconds[rung]])),
          switches: this.#switches,
          thrownAwayBytes: this.#thrownAway,
          expected: this.#ladder.expected() || null,
          choice: this.#choice,
        }),
      },
      renditionAt: { value: (time) => this.#streams[this.#rungAt(time)] ?? null, writable: true },
    };
    for (const name in properties) Object.defineProperty(player, name, { configurable: true, enumerable: true, ...properties[name] });
    player.dispatchEvent(new CustomEvent("renditions"));
  }

  #limit() {
    const { clientWidth: width, clientHeight: height } = this.#video;
    const highest = this.#entries.at(-1);
    // As many lines as a picture has that is fitted into the element.
    const fitted = highest.width && highest.height ? Math.min(height, (width * highest.height) / highest.width) : height;
    const shown = Math.round(fitted * (globalThis.devicePixelRatio || 1)) || NaN;
    const { maxHeight, maxBitrate } = this.#player;
    this.#ladder.limit(shown, maxHeight ?? NaN, maxBitrate ?? NaN, this.#undropped, Boolean(navigator.connection?.saveData));
  }

  /** Asks the browser what the device decodes in time. */
  async #judge() {
    if (!navigator.mediaCapabilities?.decodingInfo) return;
    for (const [rung, { mime, width, height, bandwidth, frame_rate }] of this.#entries.entries()) {
      // A film whose pictures come at no constant rate is judged as one of thirty a second.
      const [count, span] = (frame_rate ?? "30").split("/").map(Number);
      const video = { contentType: mime, width, height, bitrate: bandwidth, framerate: count / (span || 1) };
      if (!width || !height || mime.includes(",")) continue;
      try {
        const { smooth } = await navigator.mediaCapabilities.decodingInfo({ type: "media-source", video });
        if (!smooth && rung > 0 && !this.#stop.signal.aborted) this.#ladder.notSmooth(rung);
      } catch {
        // A browser that knows the type of nothing says so.
      }
    }
  }

  /** Counts what is shown, and what is dropped of it. */
  #look() {
    const { currentTime: time, seeking } = this.#video;
    const rung = this.#rungAt(time);
    const passed = this.#time === null || seeking ? 0 : time - this.#time;
    this.#time = time;
    if (rung !== undefined && passed > 0 && passed < 2) this.#seconds[rung] += passed;
    const { droppedVideoFrames: dropped = 0, totalVideoFrames: total = 0 } = this.#video.getVideoPlaybackQuality?.() ?? {};
    const shown = total - this.#pictures.total;
    // The browser shows none of a page that is hidden, and counts anew for another film.
    if (shown < 0 || seeking || document.hidden) this.#pictures = { dropped, total };
    else if (shown >= JUDGED) {
      if (rung > 0 && dropped - this.#pictures.dropped > shown * DROPPED) {
        this.#undropped = Math.min(rung - 1, Number.isNaN(this.#undropped) ? Infinity : this.#undropped);
        this.#limit();
      }
      this.#pictures = { dropped, total };
    }
  }

  /** The film is loaded no more. */
  #close() {
    this.#stop.abort();
    const { maxHeight, maxBitrate } = this.#player;
    const none = { ...NONE, maxHeight, maxBitrate };
    for (const name in none) {
      Object.defineProperty(this.#player, name, { value: none[name], configurable: true, enumerable: true, writable: true });
    }
    this.#ladder.free();
  }
}

/** What a player has whose film has one rendition. */
const NONE = { renditions: [], rendition: "auto", renditionStats: null, renditionAt: () => null, maxHeight: null, maxBitrate: null };

/** Those of the set that the engine begins with and that the browser plays, from the lowest to the highest. */
function rungsOf(streams) {
  const source = globalThis.ManagedMediaSource ?? globalThis.MediaSource;
  const pictures = streams.map((entry, id) => ({ entry, id })).filter(({ entry }) => entry.kind !== "audio");
  const played = pictures.filter(({ entry }) => source.isTypeSupported(entry.mime));
  const first = played.find(({ entry }) => entry.default) ?? played[0];
  // Without `changeType` a SourceBuffer takes the codecs of one family. Firefox drops the last pictures before it, so that there is a hole.
  const family = ({ mime }) => /codecs="?(\w+)/.exec(mime)?.[1];
  const hasChange = "changeType" in (globalThis.ManagedSourceBuffer ?? globalThis.SourceBuffer).prototype;
  const canChange = hasChange && !navigator.userAgent.includes("Firefox");
  const isRung = ({ entry }) => entry.set === first.entry.set && (canChange || family(entry) === family(first.entry));
  // Only its sound may have renditions.
  return first?.entry.set === undefined ? [] : played.filter(isRung).reverse();
}

/** Bits in a second of the sound that comes in a stream of its own. */
function soundOf(streams) {
  const sounds = streams.filter(({ kind }) => kind === "audio");
  return (sounds.find((entry) => entry.default) ?? sounds[0])?.bandwidth ?? 0;
}

function startsOf({ chunks, timescale }) {
  const starts = [];
  let at = 0;
  for (const { start, groups } of chunks) {
    at = start;
    for (const [ticks, count] of groups.ticks) {
      for (let group = 0; group < count; group += 1) {
        starts.push(at / timescale);
        at += ticks;
      }
    }
  }
  return Float64Array.from([...starts, at / timescale]);
}
