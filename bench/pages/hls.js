// hls.js. Tuned: fragments are passed on while they arrive, the first is fetched before the element is attached, and there
// is nothing to choose between.
const hls = new Hls(
  film.tuned ? { progressive: true, startFragPrefetch: true, testBandwidth: false, startLevel: 0, lowLatencyMode: false } : {},
);
hls.on(Hls.Events.ERROR, (_, data) => data.fatal && bench.fail(data.details));
hls.attachMedia(video);
bench.load = () => hls.loadSource(film.manifest);
bench.ready();
