// The barest page on the same cut: the manifest, then the group that holds the time, of video and of audio, appended as it
// arrives. It plays no further than that: it is there to show what the link and the browser take.
let tracks;
bench.load = () => load().catch(bench.fail);
bench.seek = (seconds) => {
  video.currentTime = seconds;
  for (const track of tracks) fill(track, seconds).catch(bench.fail);
};
bench.ready();

async function load() {
  const source = new MediaSource();
  const isOpen = new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
  video.src = URL.createObjectURL(source);
  const manifest = await (await fetch(film.manifest)).json();
  tracks = manifest.streams.map((stream) => ({ stream, answer: ask(stream, 0) }));
  await isOpen;
  source.duration = manifest.duration;
  for (const track of tracks) track.buffer = source.addSourceBuffer(track.stream.mime);
  for (const track of tracks) fill(track, 0, track.answer).catch(bench.fail);
}

function ask(stream, seconds) {
  for (const chunk of stream.chunks) {
    let [time, offset] = [chunk.start / stream.timescale, 0];
    const ticks = chunk.groups.ticks.flatMap(([ticks, count]) => Array(count).fill(ticks));
    for (const [at, bytes] of chunk.groups.bytes.entries()) {
      time += ticks[at] / stream.timescale;
      if (seconds < time) {
        const url = new URL(chunk.url, new URL(film.manifest, location.href));
        return fetch(url, { headers: { Range: `bytes=${offset}-${offset + bytes - 1}` } });
      }
      offset += bytes;
    }
  }
}

async function fill(track, seconds, answer = ask(track.stream, seconds)) {
  const { buffer, stream, reader: before } = track;
  const put = (bytes) => new Promise((resolve) => {
    buffer.addEventListener("updateend", resolve, { once: true });
    buffer.appendBuffer(bytes);
  });
  const reader = (track.reader = (await answer).body.getReader());
  if (before) {
    void before.cancel();
    buffer.abort();
  } else {
    await put(Uint8Array.from(atob(stream.init.data), (letter) => letter.charCodeAt(0)));
  }
  for (let piece; track.reader === reader && !(piece = await reader.read()).done; ) await put(piece.value);
}
