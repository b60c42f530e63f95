// hls.js. Tuned: fragments are passed on while they arrive, the first is fetched before the element is attached and at the rate that
// is guessed, not for a test.
const hls = new Hls(film.tuned ? { progressive: true, startFragPrefetch: true, testBandwidth: false, lowLatencyMode: false } : {});
hls.on(Hls.Events.ERROR, (_, data) => data.fatal && bench.fail(data.details));
hls.attachMedia(video);
bench.load = () => hls.loadSource(film.manifest);
bench.ready();
