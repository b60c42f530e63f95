// shaka-player. Tuned: it begins before the time that the playlist asks for lies ready, keeps as much ready as the others, and
// changes as soon as it has measured.
const engine = new shaka.Player();
engine.addEventListener("error", ({ detail }) => bench.fail(`shaka ${detail.code} ${detail.data}`));
if (film.tuned) {
  engine.configure({
    abr: { switchInterval: 4 },
    manifest: { dash: { ignoreMinBufferTime: true } },
    streaming: { bufferingGoal: 30 },
  });
}
engine.attach(video).then(bench.ready, bench.fail);
bench.load = () => engine.load(film.manifest).catch((error) => bench.fail(`shaka ${error.code} ${error.data}`));
