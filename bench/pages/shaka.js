// shaka-player. Tuned: nothing takes the link from the first segment, and there is nothing to choose between.
const engine = new shaka.Player();
engine.addEventListener("error", ({ detail }) => bench.fail(`shaka ${detail.code} ${detail.data}`));
if (film.tuned) {
  engine.configure({
    abr: { enabled: false },
    manifest: { dash: { ignoreMinBufferTime: true } },
    streaming: { segmentPrefetchLimit: 0, bufferingGoal: 30 },
  });
}
engine.attach(video).then(bench.ready, bench.fail);
bench.load = () => engine.load(film.manifest).catch((error) => bench.fail(`shaka ${error.code} ${error.data}`));
