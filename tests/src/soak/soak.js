// The player alone, with a restless viewer, and what a test wants to know of it. The test is told by requests of its own and not by its
// driver: chromedriver keeps in the page what it takes out of it, which would look like a leak of the player's.
const to = new URLSearchParams(location.search).get("to");
const soak = (window.soak = { memory: null, open: 0, mostOpen: 0 });
const { fetch } = window;
const tell = (what) => fetch(to, { method: "POST", mode: "no-cors", body: JSON.stringify(what) });

for (const name of ["instantiate", "instantiateStreaming"]) {
  const own = WebAssembly[name];
  WebAssembly[name] = (...given) =>
    own.apply(WebAssembly, given).then((made) => {
      // The engine's is the first.
      soak.memory ??= (made.instance ?? made).exports.memory ?? null;
      return made;
    });
}

// A request for media ends with its body: read to its end, given up or broken off; or without one.
const ends = new WeakMap();
const heed = (body, reader) => {
  const end = ends.get(body) ?? (() => {});
  reader.closed.then(end, end);
  return reader;
};
for (const name of ["ReadableStreamDefaultReader", "ReadableStreamBYOBReader"]) {
  const Own = window[name];
  if (!Own) continue;
  window[name] = class extends Own {
    constructor(body) {
      super(body);
      heed(body, this);
    }
  };
}
const { getReader } = ReadableStream.prototype;
ReadableStream.prototype.getReader = function (...given) {
  return heed(this, getReader.apply(this, given));
};
window.fetch = async (resource, init) => {
  const request = new Request(resource, init);
  if (!new URL(request.url).pathname.startsWith("/media/")) return fetch(resource, init);
  soak.open += 1;
  let isOpen = true;
  const end = () => {
    if (isOpen) soak.open -= 1;
    isOpen = false;
  };
  request.signal.addEventListener("abort", end);
  try {
    const answer = await fetch(request, init);
    if (answer.body) ends.set(answer.body, end);
    else end();
    return answer;
  } catch (error) {
    end();
    throw error;
  }
};
setInterval(() => (soak.mostOpen = Math.max(soak.mostOpen, soak.open)), 200);

const { Player } = await import("./watchparty-player/index.js");
const video = document.querySelector("video");
const player = await Player.attach(video, {});
window.watchparty = { player, video };

const PATIENCE = 60_000;
const pause = (time) => new Promise((done) => setTimeout(done, time));
// How it stands where the film does.
const standing = () => {
  const { currentTime, paused, seeking, readyState, playbackRate } = video;
  const buffered = [...Array(video.buffered.length).keys()].map((at) => [video.buffered.start(at), video.buffered.end(at)]);
  const { state } = player;
  return { currentTime, paused, seeking, readyState, playbackRate, buffered, state, hidden: document.hidden, flow: player.flow() };
};
const until = async (what, holds) => {
  const end = performance.now() + PATIENCE;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what}: not yet. ${JSON.stringify(standing())}`);
    await pause(40);
  }
};
const language = () => player.audioTracks.find(({ active }) => active)?.id;

// Lets so many seconds of the film play, from its beginning again where that would be behind its end.
const watch = async (seconds, end) => {
  let from = video.currentTime;
  if (from + seconds > end) player.seek((from = 1));
  if (video.paused) video.play();
  await until(`${seconds} s from ${from} s`, () => !video.seeking && video.currentTime >= from + seconds);
};

const deeds = {
  // Answers with the picture.
  async seek({ to, frame }) {
    video.pause();
    const shown = await record.seek(to, frame, PATIENCE);
    video.play();
    return { to, shown };
  },
  async pause({ time }) {
    video.pause();
    await pause(time);
    video.play();
  },
  async rate({ rate }) {
    player.playbackRate = rate;
  },
  // The test hides the tab, and says when it is shown again.
  async hide({ time }) {
    const shown = new Promise((done) => (soak.shown = done));
    tell({ hide: time });
    await shown;
  },
  async language() {
    const other = player.audioTracks.find(({ active }) => !active).id;
    player.selectAudio(other);
    await until(`language ${other}`, () => language() === other);
  },
};

// All acts, each followed by so much of the film, and more of it until it is `due`, in milliseconds from now. Then the test is told.
soak.perform = async ({ acts, due, end }) => {
  const begun = performance.now();
  const sought = [];
  try {
    for (const { act, watched, ...how } of acts) {
      const seen = await deeds[act](how);
      if (seen) sought.push(seen);
      await watch(watched, end);
    }
    while (performance.now() - begun < due) await watch(0.5, end);
    const { waitingBytes, receivedBytes } = player.stats();
    const { frames, events } = record;
    const [wasm, requests] = [soak.memory.buffer.byteLength, Math.max(soak.mostOpen, soak.open)];
    const done = { sought, frames, events, wasm, requests, buffered: waitingBytes, received: receivedBytes };
    await tell({ done });
    for (const list of [frames, events]) list.splice(0);
    soak.mostOpen = 0;
  } catch (error) {
    tell({ failed: String(error) });
  }
};

await player.load("/media/current/manifest.json");
await player.play();
