// One viewer of a room: a page as the documentation has it, which notes what it shows, and when by the machine's clock.

import { Player } from "./watchparty-player/index.js";

const MANIFEST = "/media/current/manifest.json";
const video = document.querySelector("video");
const player = await Player.attach(video);
let party = null;

const wall = (at = performance.now()) => performance.timeOrigin + at;
const nothing = () => ({ frames: [], rates: [], steers: [] });
let noted = nothing();
let latest = -Infinity;

function frame(_, { mediaTime, expectedDisplayTime }) {
  latest = performance.now();
  noted.frames.push([mediaTime, wall(expectedDisplayTime)]);
  video.requestVideoFrameCallback(frame);
}
video.requestVideoFrameCallback(frame);
video.addEventListener("ratechange", () => noted.rates.push([wall(), video.playbackRate]));

window.bench = {
  /** Joins and loads, as a click would; gives back when it began. */
  async enter(room, name) {
    const began = wall();
    party = await player.join(room, { name });
    party.addEventListener("steer", ({ detail: { action, reason } }) => noted.steers.push([wall(), action, reason]));
    await player.load(MANIFEST);
    return began;
  },

  get isIn() {
    return party?.connected ?? false;
  },

  /** Whether pictures come. */
  get isMoving() {
    return !video.paused && !video.seeking && video.readyState > 2 && performance.now() - latest < 300;
  },

  /** Has one rendition played whatever the link carries, once what chooses is there; whether it is. */
  hold: (rendition) => player.renditions.length > 0 && ((player.rendition = rendition), true),

  /** What the viewer does by hand; gives back when. */
  play: () => (player.play({ origin: "user" }), wall()),
  pause: () => (player.pause({ origin: "user" }), wall()),
  seek: (to) => (player.seek(to, { origin: "user" }), wall()),

  wall,

  /** Where the video is on the screen: left, top and width, in pixels. */
  get place() {
    const { left, top, width } = video.getBoundingClientRect();
    const edge = (outerWidth - innerWidth) / 2;
    return [screenX + edge + left, screenY + outerHeight - innerHeight - edge + top, width];
  },

  /** For people, where something is not as it should be. */
  get told() {
    const { currentTime, paused, readyState, playbackRate } = video;
    return JSON.stringify({ currentTime, paused, readyState, playbackRate, state: party?.state, members: party?.members });
  },

  /** What was noted since the last time. */
  take() {
    const taken = noted;
    noted = nothing();
    return taken;
  },
};
