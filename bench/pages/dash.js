// dash.js. Tuned: nothing to choose between, inits are kept, no clock is asked for, and nothing is put off.
const engine = dashjs.MediaPlayer().create();
if (film.tuned) {
  engine.updateSettings({
    streaming: {
      abr: { autoSwitchBitrate: { video: false, audio: false } },
      cacheInitSegments: true,
      capabilities: { useMediaCapabilitiesApi: false },
      scheduling: { scheduleWhilePaused: true, defaultTimeout: 0 },
      buffer: { fastSwitchEnabled: false, initialBufferLevel: 0 },
    },
  });
}
engine.on(dashjs.MediaPlayer.events.ERROR, ({ error }) => bench.fail(`dash.js ${error.code} ${error.message}`));
engine.initialize(video, null, true);
bench.load = () => engine.attachSource(film.manifest);
bench.ready();
