// A film that is watched while it goes up: its manifest names what is there, and grows. What is there plays; behind it the film
// waits, and goes on with the next manifest.

const LOOK = 2000; // milliseconds between two looks at the manifest
const EDGE = 0.1; // seconds before the end of what is there at which the film stops: sound may reach further than pictures
const ROOM_EDGE = 0.3; // where a room is followed, which has its members stand 0.2 s before that end
const WORTH = 5; // seconds of the film for which a room goes on that waits for more of it

// The id of a manifest that names a part of a film: its content id, and up to which millisecond it is there.
const PART = /^((?:[\da-f]{32}){1,2})r(\d{1,12})$/;

const whole = (id) => PART.exec(id ?? "")?.[1] ?? id ?? null;

function reach(id) {
  const part = PART.exec(id ?? "");
  return part && part[2] / 1e3;
}

/** Follows the film that is loaded, and every later one, as the types say; `reopen(startTime)` loads its manifest again. */
export function followGrowth(player, video, reopen) {
  let id = null; // Of the manifest that is followed; null where that of the film that is loaded names all of it.
  let ready = null; // Up to where it names the film, in seconds.
  let next = null; // Up to where the manifest does that has come since; Infinity is all of the film.
  let waiting = false; // It would play if there were more.
  let plays = false; // It plays once it has been opened again.
  let said = ""; // What was told last; nothing of whole films.
  let following, timer, reopened;
  const choices = keeper(player);

  // It is paused meanwhile: nothing else tells of another pause.
  const stop = hear(player, "pause", (options) => {
    if (options?.origin === "party") return; // It stands where the room does.
    plays = false;
    if (!waiting) return;
    waiting = false;
    tell();
  });

  function begin() {
    note(false);
    const loaded = player.film?.id ?? null;
    if (reopened && reopened.film === whole(loaded)) reopened.choose();
    reopened = null;
    // The same once more, or with another MediaSource.
    if (id !== null && loaded === id) waiting &&= left() <= 0;
    else {
      leave();
      [ready, next] = [reach(loaded), null];
      if (ready !== null) follow(loaded);
    }
    tell();
    look();
  }

  function follow(loaded) {
    id = loaded;
    following = new AbortController();
    const { signal } = following;
    for (const event of ["play", "timeupdate", "ratechange"]) video.addEventListener(event, look, { signal });
    video.addEventListener("ended", over, { signal });
    player.addEventListener("content-changed", ({ detail }) => grow(detail.id), { signal });
    player.addEventListener("seeking", ({ detail }) => go(detail.to), { signal });
    const asking = setInterval(ask, LOOK);
    signal.addEventListener("abort", () => clearInterval(asking));
  }

  function leave() {
    following?.abort();
    clearTimeout(timer);
    waiting = false;
    id = null;
  }

  function ask() {
    try {
      if (next !== Infinity) player.checkForUpdate();
      if (player.film) return;
    } catch ({ code }) {
      if (code === "destroyed") return leave();
    }
    // The film is gone, or another is on its way.
    leave();
    forget();
  }

  function forget() {
    ready = next = null;
    tell();
  }

  function tell() {
    const most = next ?? ready;
    const readyUpTo = most === Infinity ? null : most;
    const text = readyUpTo === null ? "" : `Ready up to ${clock(readyUpTo)}`;
    const detail = { readyUpTo, waiting, text };
    player.growth = { ...player.growth, ...detail };
    const news = text && `${readyUpTo} ${waiting}`;
    if (news === said) return;
    said = news;
    player.dispatchEvent(new CustomEvent("growth", { detail }));
  }

  /** Whether the film is being opened again: it has none meanwhile. */
  function note(opening) {
    player.growth = { ...player.growth, opening };
  }

  /** The room that says when the film plays. */
  const room = () => (player.party?.following ? player.party : null);

  /** How many seconds there are still to play. */
  const left = () => (video.ended ? 0 : end() - video.currentTime);

  const end = () => ready - (room() ? ROOM_EDGE : EDGE);

  /** How much more there has to be: while a room waits for the film, and this player has all that anybody has, what it goes on for. */
  function worth() {
    const { phase, until, position } = room()?.state ?? {};
    return phase === "waiting" && until === null && position < ready ? WORTH : 0;
  }

  /** Stops where the film is not there yet, or goes on where it is by now. */
  function look() {
    clearTimeout(timer);
    if (id === null || player.state === "idle" || (video.paused && !waiting && !room())) return;
    const rest = left();
    if (rest > 0) timer = setTimeout(look, Math.max(0.05, Math.min(1, rest / Math.abs(video.playbackRate))) * 1000);
    else if (player.film?.id === id) edge();
  }

  function edge() {
    const at = Math.max(video.currentTime, room()?.state?.position ?? 0);
    if (next !== null && next > at + worth()) return goOn(at, true);
    waiting = room()?.state?.phase !== "paused";
    // A room has its members stand there itself, and may stand elsewhere soon.
    if (!room()) stop();
    else timer = setTimeout(look, 1000);
    tell();
  }

  function over() {
    waiting = true;
    look();
  }

  function grow(to) {
    if (whole(to) !== whole(id)) return;
    next = reach(to) ?? Infinity;
    look();
    tell();
  }

  function go(to) {
    // Another film is on its way.
    if (player.film?.id !== id) return;
    if (to < end()) {
      if (!waiting) return;
      waiting = false;
      tell();
      play();
    } else if ((next ?? 0) > to + worth()) goOn(to, waiting || !video.paused);
    else if (!room()) player.seek(Math.max(0, ready - 2 * EDGE));
    else edge();
  }

  async function goOn(time, wish) {
    reopened = { film: whole(id), choose: choices() };
    plays = wish;
    leave();
    note(true);
    try {
      await reopen(time);
    } catch (error) {
      note(false);
      // Another film is there, or none any more.
      if (["superseded", "aborted", "destroyed"].includes(error?.code)) return;
      // The `error` event has told why. It plays once it is there, by itself or by `retry`.
      forget();
    }
    if (plays) play();
  }

  function play() {
    // A pause may come first, or the end of the player.
    if (!room()) player.play().catch(() => {});
  }

  player.addEventListener("loaded", begin);
  begin();
}

/**
 * Keeps what a viewer has chosen of a film, which the player forgets with each manifest: call it before another is loaded, and what
 * it gives back once that is there, which has the same tracks in the same order.
 */
function keeper(player) {
  const brought = new Map(); // Subtitles of the viewer's own, by their ids.
  let sound = null; // What was chosen last, which may not play yet.
  hear(player, "addTextTrack", (source, id) => brought.set(id, source));
  hear(player, "selectAudio", (id) => (sound = id));
  player.addEventListener("tracks", () => {
    if (player.audioTracks.some(({ id, active }) => active && id === sound)) sound = null;
  });
  return () => {
    const { playbackRate, textTrackOffset, textTracks, audioTracks } = player;
    const heard = audioTracks.findIndex(({ id, active }) => (sound === null ? active : id === sound));
    const own = textTracks.filter(({ id, fromFilm }) => !fromFilm && brought.has(id));
    const sources = own.map(({ id }) => brought.get(id));
    const shown = [...films(), ...own].findIndex(({ active }) => active);
    return () => {
      player.playbackRate = playbackRate;
      const track = player.audioTracks[heard];
      sound = null;
      if (track && !track.active) player.selectAudio(track.id);
      const ids = [...films().map(({ id }) => id), ...sources.map((source) => player.addTextTrack(source))];
      player.textTrackOffset = textTrackOffset;
      player.showTextTrack(ids[shown] ?? null).catch(() => {}); // The `error` event tells why.
    };
  };

  function films() {
    return player.textTracks.filter(({ fromFilm }) => fromFilm);
  }
}

/** Has `note` know what a method of the player is given, and what comes of it; gives back the method as it was. */
function hear(player, method, note) {
  const call = player[method].bind(player);
  player[method] = (...given) => {
    const result = call(...given);
    note(given[0], result);
    return result;
  };
  return call;
}

/** `1:02:03`, or `2:03` in the first hour. */
function clock(seconds) {
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
