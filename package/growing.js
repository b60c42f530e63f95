// A film that is watched while it goes up: its manifest names what is there, and grows. What is there plays; behind it the film
// waits, and goes on with the next manifest. Only pages that show such a film fetch this.

const LOOK = 2000; // milliseconds between two looks at the manifest
const EDGE = 0.1; // seconds before the end of what is there at which the film stops: sound may reach further than pictures

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
  let said = ""; // What was told last; nothing of whole films.
  let following, timer, reopened;
  const choices = keeper(player);

  function begin() {
    const loaded = player.film?.id ?? null;
    if (reopened && reopened.film === whole(loaded)) reopened.choose();
    reopened = null;
    // The same with another MediaSource.
    if (id !== null && loaded === id) return;
    leave();
    [ready, next] = [reach(loaded), null];
    if (ready !== null) follow(loaded);
    tell();
    look();
  }

  function follow(loaded) {
    id = loaded;
    following = new AbortController();
    const { signal } = following;
    for (const event of ["play", "ended", "timeupdate", "ratechange"]) video.addEventListener(event, look, { signal });
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
      player.checkForUpdate();
      if (player.film) return;
    } catch ({ code }) {
      if (code === "destroyed") return leave();
    }
    // The film is gone, or another is on its way.
    leave();
    ready = next = null;
    tell();
  }

  function tell() {
    const most = next ?? ready;
    const readyUpTo = most === Infinity ? null : most;
    const text = readyUpTo === null ? "" : `Ready up to ${clock(readyUpTo)}`;
    const news = text && `${readyUpTo} ${waiting}`;
    if (news === said) return;
    said = news;
    player.dispatchEvent(new CustomEvent("growth", { detail: { readyUpTo, waiting, text } }));
  }

  /** Stops where the film is not there yet, or goes on where it is by now. */
  function look() {
    clearTimeout(timer);
    if (id === null || player.state === "idle" || (video.paused && !video.ended && !waiting)) return;
    const left = ready - EDGE - video.currentTime;
    if (left > 0) timer = setTimeout(look, Math.min(1, left / video.playbackRate) * 1000);
    else if (next !== null) goOn(video.currentTime, true);
    else {
      waiting = true;
      player.pause();
      tell();
    }
  }

  function grow(to) {
    if (whole(to) !== whole(id)) return;
    next = reach(to) ?? Infinity;
    look();
    tell();
  }

  function go(to) {
    if (to < ready - EDGE) {
      if (!waiting) return;
      waiting = false;
      tell();
      player.play().catch(() => {}); // A pause may come first.
    } else if ((next ?? 0) > to) goOn(to, waiting || !video.paused);
    else player.seek(Math.max(0, ready - 2 * EDGE));
  }

  async function goOn(time, plays) {
    reopened = { film: whole(id), choose: choices() };
    leave();
    try {
      await reopen(time);
    } catch (error) {
      // The `error` event has told why. Where the network is gone the player goes on by itself, once that is back.
      if (error?.code !== "manifest-network") return;
    }
    // A pause may come first, or the end of the player.
    if (plays) await player.play().catch(() => {});
  }

  player.addEventListener("loaded", begin);
  begin();
}

/**
 * Keeps what a viewer has chosen of a film, which the player forgets with each manifest: call it before another is loaded, and what
 * it gives back once that is there, which has the same tracks in the same order.
 */
function keeper(player) {
  const { addTextTrack } = player;
  let brought = [];
  player.addTextTrack = (source) => {
    const track = addTextTrack.call(player, source);
    brought.push(source);
    return track;
  };
  return () => {
    const { playbackRate, textTrackOffset, textTracks } = player;
    const sound = player.audioTracks.findIndex(({ active }) => active);
    const text = textTracks.find(({ active }) => active)?.id ?? null;
    // Some may have been brought to another film.
    const sources = brought.slice(brought.length - textTracks.filter(({ fromFilm }) => !fromFilm).length);
    return () => {
      player.playbackRate = playbackRate;
      const track = player.audioTracks[sound];
      if (track && !track.active) player.selectAudio(track.id);
      brought = [];
      sources.forEach((source) => player.addTextTrack(source));
      player.textTrackOffset = textTrackOffset;
      player.showTextTrack(text).catch(() => {}); // The `error` event tells why.
    };
  };
}

/** `1:02:03`, or `2:03` in the first hour. */
function clock(seconds) {
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
