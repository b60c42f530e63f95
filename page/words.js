// Numbers and events as people read them.

/** `1:02:03`, or `2:03` in films under an hour. */
export function clock(seconds) {
  // A film of 29.999999 s, as browsers have it, is one of 30 s.
  const whole = Math.max(0, Math.floor((seconds || 0) + 1e-3));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `1 hour 2 minutes 3 seconds`, for screen readers. */
export function spoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ];
  const said = parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}${count > 1 ? "s" : ""}`);
  return said.join(" ") || "0 seconds";
}

/** Whether the id of a manifest is that of a part of a film, which still goes up. */
export const isPart = (id) => /^([\da-f]{32}){1,2}r\d+$/.test(id);

export function bytes(count) {
  if (count < 1e3) return `${Math.round(count)} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(0)} kB`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} MB` : `${(count / 1e9).toFixed(2)} GB`;
}

/** From bytes in a second. */
export function rate(bytesPerSecond) {
  const bits = bytesPerSecond * 8;
  return bits < 1e6 ? `${(bits / 1e3).toFixed(0)} kbit/s` : `${(bits / 1e6).toFixed(1)} Mbit/s`;
}

export function span(milliseconds) {
  return milliseconds < 1e3 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1e3).toFixed(1)} s`;
}

/** One of a film's renditions, by its lines if it has any. */
export const rendition = ({ height, bandwidth }) => (height ? `${height}p` : rate(bandwidth / 8));

/** Why a group comes from the rendition that it does, and why not from the next higher one. */
export const reason = ({ why, whyNotNext }) => (whyNotNext ? `${why}; not the next: ${whyNotNext}` : why);

/** How far a viewer is from where the room is. */
export function drift(milliseconds) {
  const rounded = Math.round(milliseconds);
  return Math.abs(rounded) < 1 ? "in time" : `${span(Math.abs(rounded))} ${rounded > 0 ? "ahead" : "behind"}`;
}

/** What a member of a room is called. */
export const called = ({ id, name }) => name || `Guest ${id}`;

/** Whom a room waits for. */
export function awaited(policy) {
  if (policy === "never") return "nobody";
  const { all, quorum } = policy;
  const who = all ? "everybody" : quorum.percent === 50 ? "half of all" : `${quorum.percent} % of all`;
  return `${who}, ${(all ?? quorum).limit} s at most`;
}

const CAUSES = {
  network: "Waiting for the network…",
  offline: "Waiting for the network: this device is offline…",
  seek: "Going there…",
  decoder: "Waiting for the picture…",
};

export const stall = (cause) => CAUSES[cause] ?? "Waiting…";

const ORIGINS = { user: "you", party: "the party", program: "the page" };

/** One sentence for each of the player's events; events without one are not told. */
export const SENTENCES = {
  loaded: () => "The film is known and can be played",
  detached: () => "The video has another source: the player has let go of it",
  reopening: ({ message }) => `${message}. Once more with another MediaSource`,
  firstframe: ({ after }) => `The first picture, ${span(after)} after the manifest`,
  seeking: ({ to, origin }) => `To ${clock(to)}, as ${ORIGINS[origin]} wanted`,
  seeked: ({ to }) => `The picture at ${clock(to)} is there`,
  stalled: ({ cause }) => `It stands still. ${stall(cause).replace("…", ".")}`,
  "stall-predicted": ({ within }) => `At this rate it will stand still in ${span(within)}`,
  recovered: ({ after }) => `It goes on, after ${span(after)}`,
  reconnected: () => "The network is back",
  retrying: ({ message, after }) => `${message}. Once more in ${span(after)}`,
  damaged: ({ url, start, end }) => `${url}: bytes ${start} to ${end} are damaged. They are fetched again`,
  unchecked: ({ url }) =>
    url ? `${url}: its digests are not to be had, so it plays unchecked` : "This browser checks nothing here: the page is not served by https",
  "content-changed": ({ id }) =>
    isPart(id) ? "More of the film is there" : "Another cut of the film has been published. This one keeps playing",
  steppedover: ({ from, to }) => `Stepped over a gap of ${span((to - from) * 1e3)} at ${clock(from)}`,
  rendition: (detail) => `From ${clock(detail.at)} on rendition ${detail.to}, after ${detail.from}: ${reason(detail)}`,
  complete: () => "Everything up to the end is buffered",
  ended: () => "The film is over",
  error: ({ message, remedy }) => `${message}; ${remedy}`,
};
