// The plan's own player: whole chunks, one after the other.
bench.load = () => play(film.manifest).catch(bench.fail);
bench.ready();

async function play(url) {
  const manifest = await (await fetch(url, { cache: "force-cache" })).json();
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
  const buffer = source.addSourceBuffer(film.mime);
  for (const [at, { url: part }] of manifest.entries()) {
    const bytes = await (await fetch(new URL(part, new URL(url, location.href)), { cache: "force-cache" })).arrayBuffer();
    await new Promise((resolve, reject) => {
      buffer.addEventListener("updateend", resolve, { once: true });
      buffer.addEventListener("error", () => reject(new Error("the append failed")), { once: true });
      buffer.appendBuffer(bytes);
    });
    if (manifest[at + 1]) void fetch(new URL(manifest[at + 1].url, new URL(url, location.href)), { cache: "force-cache" });
  }
  source.endOfStream();
}
