// dash.js. Tuned: inits are kept, nothing is put off, and it keeps as much ready as the others.
const engine = dashjs.MediaPlayer().create();
if (film.tuned) {
  engine.updateSettings({
    streaming: {
      cacheInitSegments: true,
      capabilities: { useMediaCapabilitiesApi: false },
      scheduling: { scheduleWhilePaused: true, defaultTimeout: 0 },
      buffer: { fastSwitchEnabled: true, initialBufferLevel: 0, bufferTimeDefault: 30 },
    },
  });
}
engine.on(dashjs.MediaPlayer.events.ERROR, ({ error }) => bench.fail(`dash.js ${error.code} ${error.message}`));
engine.initialize(video, null, true);
bench.load = () => engine.attachSource(film.manifest);
bench.ready();
