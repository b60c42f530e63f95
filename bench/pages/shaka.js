// shaka-player. Tuned: more segments are fetched ahead, and there is nothing to choose between.
const engine = new shaka.Player();
engine.addEventListener("error", ({ detail }) => bench.fail(`shaka ${detail.code} ${detail.data}`));
if (film.tuned) {
  engine.configure({
    abr: { enabled: false },
    manifest: { dash: { ignoreMinBufferTime: true } },
    streaming: { rebufferingGoal: 0.01, segmentPrefetchLimit: 3, bufferingGoal: 30, lowLatencyMode: true },
  });
}
engine.attach(video).then(bench.ready, bench.fail);
bench.load = () => engine.load(film.manifest).catch((error) => bench.fail(`shaka ${error.code} ${error.data}`));
