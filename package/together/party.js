// The loop between a player, a member of a party and the way to its room. What is done is decided in the member
// (crates/party): this hands facts in and does what comes out.

import { Sight } from "./sight.js";
import { relay } from "./transports.js";
import { unwire, wire } from "./wire.js";

// Events of the video after which the member looks at the player.
const EVENTS = ["play", "pause", "playing", "waiting", "seeking", "seeked", "canplay", "ratechange", "ended", "emptied"];
// Seconds before the end of the film from which on it counts as over: its last pictures may end a little before it does.
const AT_END = 0.1;
const PARTY = { origin: "party" };
// Seconds before the end of what is loaded of a film that still goes up where a player stands: sound may reach further than pictures, and
// whoever plays what has ended plays it from its beginning.
const SHORT = 0.2;
// The longest message that is read, in characters; a room's have at most so many bytes.
const LONGEST = 65_536;
// Change of the rate, as a part of it, up to which the pitch follows it. Corrections of up to 250 ms stay within it: they are 1 % at most, and 3 %
// right after a start. Those of more are 5 %, right after a start up to 10 %, where the pitch would be heard: it is kept.
const NUDGE = 0.0301;

/** A player's part in a room. See the types. */
export class Party extends EventTarget {
  #member;
  #player;
  #video;
  #way;
  #sight;
  #content;
  #seatKey;
  #end = new AbortController();
  #inputs = [];
  #isHandling = false;
  #latest = 0;
  #timer;
  #told;
  #members;
  #state;
  #isBlocked = false;
  #pitch;
  #seen = { position: 0, growth: [] };
  #error = null;

  /** `Member` is that of the started module. */
  constructor(Member, player, video, room, options = {}) {
    super();
    const { name = "", token, control, policy, latency = 0, content } = options;
    this.room = typeof room === "string" ? room : (room.room ?? null);
    this.#player = player;
    this.#video = video;
    this.#sight = new Sight(video, browser() !== "chromium");
    this.#content = content;
    this.#way = typeof room === "string" ? relay(room) : room;
    this.#seatKey = this.room && `watchparty-seat:${this.room}`;
    const seed = crypto.getRandomValues(new Uint32Array(1))[0];
    this.#member = new Member(name, token, stored(this.#seatKey), control, policy, browser(), latency, seed);
    this.#listen();
    try {
      this.#load();
      this.#look();
    } catch (error) {
      this.#stop(); // The way itself may be refused, as `ws:` is where a page came by https.
      throw error;
    }
  }

  /** What the room does; `null` before it has answered. */
  get state() {
    const text = this.#isOver ? null : this.#member.state();
    if (!text) return null;
    if (this.#state?.text !== text) this.#state = { text, read: JSON.parse(text) };
    const { stamp, position, rate, at, until, ...rest } = this.#state.read;
    const wait = until && this.clock ? until / 1e3 - this.clock.offset : null;
    return { ...rest, rev: stamp.rev, position: this.#member.place(now()) ?? position / 1e6, rate: rate / 1e6, until: wait };
  }

  /** Who is there. */
  get members() {
    if (this.#isOver) return [];
    this.#members ??= JSON.parse(this.#member.members());
    const offset = this.clock?.offset;
    return this.#members.map(({ report, ...member }) => ({
      ...member,
      me: member.id === this.#member.me(),
      ...(report ? this.#read(report, offset) : UNKNOWN),
    }));
  }

  #read({ activity, position, at, buffered, ready, drift = null }, offset) {
    const since = activity === "playing" && offset !== undefined ? now() + offset - at / 1e3 : 0;
    const rate = (this.#state?.read.rate ?? 1e6) / 1e6;
    return {
      activity,
      position: position / 1e6 + (Math.max(0, since) / 1e3) * rate,
      buffered: buffered / 1e6,
      ready: ready !== undefined && ready <= at,
      drift: drift === null ? null : drift / 1e3,
    };
  }

  /** How far ahead of the room this player is, in milliseconds; `null` while that is not known. */
  get drift() {
    return (this.#isOver ? null : this.#member.drift()) ?? null;
  }

  /** The room's clock less `performance.now()`, and how far off that may be, in milliseconds. */
  get clock() {
    const [offset, bound] = (this.#isOver ? null : this.#member.clock(now())) ?? [];
    return offset === undefined ? null : { offset, bound };
  }

  get connected() {
    return !this.#isOver && this.#member.isConnected();
  }

  /** Whether this viewer does what the others do. */
  get following() {
    return !this.#isOver && this.#member.follows();
  }

  /** Whether the browser refuses to play before a gesture. */
  get blocked() {
    return this.#isBlocked;
  }

  /** Whether this viewer may want that for all. */
  may(action) {
    return !this.#isOver && this.#member.may(action);
  }

  /** Wants something for all: an action of the message format, with places in seconds and rates as numbers. */
  command(action) {
    this.#do((member, at) => member.act(at, wire(action)));
  }

  follow(follows = true) {
    this.#do((member, at) => member.follow(at, follows));
  }

  resync() {
    this.#do((member, at) => member.resync(at));
    this.#look();
  }

  /** Leaves the room for good. */
  leave() {
    this.#do((member, at) => member.leave(at));
  }

  get #isOver() {
    return this.#end.signal.aborted;
  }

  #listen() {
    const { signal } = this.#end;
    const way = this.#way;
    way.onopen = () => this.#do((member, at) => member.opened(at));
    way.onclose = () => this.#do((member, at) => member.closed(at));
    way.onmessage = (text) => {
      const came = now();
      let message;
      try {
        if (text.length <= LONGEST) message = JSON.parse(text);
      } catch {
        return;
      }
      this.#do((member) => member.hear(this.#monotonic(came), message));
    };
    for (const event of EVENTS) {
      this.#video.addEventListener(event, () => {
        this.#sight.forget();
        this.#glance();
      }, { signal });
    }
    // Where timers are held back, in hidden pages, this still comes.
    this.#video.addEventListener("timeupdate", () => document.hidden && this.#look(), { signal });
    document.addEventListener("visibilitychange", () => this.#glance(), { signal });
    window.addEventListener("online", () => this.#do((member, at) => member.online(at)), { signal });
    const wanted = {
      play: () => "play",
      pause: () => "pause",
      rate: ({ rate }) => ({ rate }),
      seeking: ({ to }) => ({ seek: to }),
    };
    for (const [event, action] of Object.entries(wanted)) {
      this.#player.addEventListener(event, ({ detail }) => {
        if (event === "play") this.#setBlocked(false);
        if (detail.origin !== "user") return;
        this.command(action(detail));
        // Who has pressed play stands until the room begins: at once, or a picture of it is seen.
        this.#look();
      }, { signal });
    }
    for (const event of ["state", "loaded", "growth"]) this.#player.addEventListener(event, () => this.#load(), { signal });
  }

  /** Hands in one fact, and does what comes of it; a fact that comes of that waits its turn. */
  #do(input) {
    if (this.#isOver) return;
    this.#inputs.push(input);
    if (this.#isHandling) return;
    this.#isHandling = true;
    try {
      while (!this.#isOver && this.#inputs.length) {
        this.#inputs.shift()(this.#member, this.#monotonic(now()));
        this.#drain();
      }
    } finally {
      this.#isHandling = false;
    }
  }

  #monotonic(at) {
    return (this.#latest = Math.max(this.#latest, at));
  }

  #drain() {
    while (!this.#isOver) {
      const [what, ...details] = this.#member.poll();
      if (what === "wait") return this.#wait(...details);
      if (what === "open") this.#way.open();
      else if (what === "close") this.#way.close();
      else if (what === "send") this.#way.send(...details);
      else if (what === "steer") this.#steer(...details);
      else this.#hear(...details);
    }
  }

  #wait(at, isForPlayer) {
    clearTimeout(this.#timer);
    if (at === undefined) return;
    const wake = () => (isForPlayer ? this.#glance() : this.#look());
    this.#timer = setTimeout(wake, Math.min(Math.max(0, at - now()), 60_000));
  }

  /** Looks at the player with the next frame, if there is one. */
  #glance() {
    this.#sight.await(() => this.#look());
  }

  #look() {
    const [video, player] = [this.#video, this.#player];
    if (player.growth?.opening) return this.#await();
    this.#do((member, at) => {
      const { position, at: shown } = this.#sight.sample(at);
      const place = member.place(at);
      const growth = this.#growth();
      this.#seen = { position, growth };
      const ready = place === undefined ? undefined : player.readyIn(place);
      const stall = player.stallsAt();
      const ahead = player.bufferedAhead(position);
      const isAll = position + ahead >= Math.min(video.duration, (growth[0] ?? Infinity) + SHORT) - AT_END;
      member.look(
        at, position, shown, video.paused, video.seeking, video.readyState < 3 && !video.ended, video.ended,
        video.playbackRate, ahead, isAll, ready === undefined ? undefined : at + ready,
        stall === undefined ? undefined : at + (Math.max(0, stall - position) / (video.playbackRate || 1)) * 1e3,
        ...growth,
      );
    });
  }

  /** The film is being opened again, for what has come of it since: until it is there this player stands where it was. */
  #await() {
    const { position, growth } = this.#seen;
    const { paused, playbackRate } = this.#video;
    this.#do((member, at) => {
      member.look(at, position, at, paused, true, true, false, playbackRate, 0, false, undefined, undefined, ...growth);
    });
  }

  /** Of a film that still goes up, up to where it is loaded and up to where it can be; nothing of a whole one. */
  #growth() {
    const [, part] = this.#player.film?.id?.split("r") ?? [];
    if (part === undefined) return [];
    const loaded = part / 1e3 - SHORT;
    const { readyUpTo } = this.#player.growth ?? {};
    if (readyUpTo === null) return [loaded];
    return [loaded, Math.max(loaded, (readyUpTo ?? 0) - SHORT)];
  }

  #load() {
    // What stands behind the content id of a private cut opens its chunks, and is not for whoever knows the room alone.
    const content = this.#content ?? this.#player.film?.id?.slice(0, 32) ?? undefined;
    if (content === this.#told || (!content && this.#player.growth?.opening)) return;
    this.#told = content;
    this.#do((member, at) => member.content(at, content));
    this.#look();
  }

  #steer(action, to, reason, drift) {
    const player = this.#player;
    if (action === "play") this.#play();
    else if (action === "pause") player.pause(PARTY);
    else if (action === "seek") player.seek(to, PARTY);
    else this.#setRate(to);
    this.#tell("steer", { action, to, reason, drift });
  }

  // Where browsers keep the pitch they play sound in pieces of some 20 ms, and lose one of those with each change: corrections
  // would never end. At 1 % nobody hears the pitch, and the 3 % of a start last for a second.
  #setRate(rate) {
    const isNudge = rate !== 1 && Math.abs(rate - 1) < NUDGE;
    if (isNudge) {
      this.#pitch ??= this.#video.preservesPitch;
      this.#video.preservesPitch = false;
    } else {
      this.#video.preservesPitch = this.#pitch ?? this.#video.preservesPitch;
      this.#pitch = undefined;
    }
    this.#player.setPlaybackRate(rate, PARTY);
  }

  async #play() {
    const result = await this.#player.play(PARTY).catch(() => null); // A pause may come first.
    if (result) this.#setBlocked(result === "blocked");
  }

  #setBlocked(isBlocked) {
    if (this.#isBlocked === isBlocked) return;
    this.#isBlocked = isBlocked;
    this.#do((member, at) => member.blocked(at, isBlocked));
  }

  #hear(event, detail, why = null) {
    if (event === "joined" && this.#seatKey) store(this.#seatKey, this.#member.seat());
    if (event === "members") this.#members = null;
    if (event === "ended") return this.#stop(why);
    const details = {
      joined: () => ({ id: detail }),
      lost: () => ({ again: detail, why }),
      changed: () => this.state,
      members: () => this.members,
      following: () => ({ following: detail }),
      blocked: () => ({ blocked: detail }),
      "other-content": () => ({ content: detail }),
      refused: () => ({ action: unwire(JSON.parse(detail)), why }),
    };
    this.#tell(event, details[event]?.() ?? null);
  }

  #stop(why) {
    const { rate } = (this.following && this.state) || {};
    clearTimeout(this.#timer);
    this.#sight.stop();
    this.#end.abort();
    this.#way.onopen = this.#way.onclose = this.#way.onmessage = null;
    this.#member.free();
    if (rate && this.#video.playbackRate !== rate) this.#settle(rate);
    this.#tell("ended", { why });
  }

  // Whoever watches on alone does so at the room's pace, not at that of a correction.
  #settle(rate) {
    try {
      this.#setRate(rate);
    } catch {} // It has been destroyed, too.
  }

  #tell(event, detail) {
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }
}

const UNKNOWN = { activity: "elsewhere", position: null, buffered: 0, ready: false, drift: null };

const now = () => performance.now();

function browser() {
  const agent = navigator.userAgent;
  if (/Firefox\//.test(agent)) return "firefox";
  return /AppleWebKit\//.test(agent) && !/Chrom(e|ium)\//.test(agent) ? "webkit" : "chromium";
}

// Where a page may keep nothing, a member that comes back is a new one.
function stored(key) {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function store(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {}
}
