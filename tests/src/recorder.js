// Runs in the page before any script of its own: notes every frame shown, every event of the video and of the player.
// Judging what it notes is left to the tests.
(({ cells, share }) => {
  // Firefox may run this twice in one window, and the second time lets nothing be constructed.
  if (window.record) return;
  const PIXELS = 8; // of a cell's edge, once copied
  const record = (window.record = { frames: [], events: [], pitches: [], hasEars: false, hasEyes: false, ranges: [] });
  const canvas = new OffscreenCanvas(cells * PIXELS, PIXELS);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const isStamped = !navigator.userAgent.includes("Firefox");
  // WebKit draws all of a VideoFrame, whichever part is asked for.
  const isCut = /Firefox|Chrome/.test(navigator.userAgent);
  const pairs = (ranges) => Array.from(ranges, (_, n) => [ranges.start(n), ranges.end(n)]);
  let page;

  // The page sets this as soon as the player holds its video element.
  Object.defineProperty(window, "watchparty", {
    configurable: true,
    get: () => page,
    set(value) {
      page = value;
      const video = page.video;
      const note = (source) => (event) =>
        record.events.push({
          source,
          kind: event.type,
          at: video.currentTime,
          now: performance.now(),
          damaged: event.type === "damaged" ? event.detail : null,
          detail: [event.detail?.message ?? event.detail?.cause, event.detail?.remedy].filter(Boolean).join("; "),
        });
      for (const kind of ["waiting", "playing", "pause", "seeking", "seeked", "resize", "ended", "error"])
        video.addEventListener(kind, note("video"));
      for (const kind of ["loaded", "firstframe", "stalled", "error", "ended", "damaged", "unchecked", "reopening"])
        page.player.addEventListener(kind, note("player"));
      const onFrame = (now, { mediaTime }) => {
        video.requestVideoFrameCallback(onFrame);
        const frame = record.read(mediaTime);
        if (frame) record.frames.push(Object.assign(frame, { shown: performance.now() }));
        if (video.buffered.length > record.ranges.length) record.ranges = pairs(video.buffered);
      };
      video.requestVideoFrameCallback(onFrame);
      if (record.hasEars) listen(video);
    },
  });

  // The frame that the video shows: its own time, and its row of cells as a text of `#` and `.`. A VideoFrame carries
  // picture and time together; the callback's metadata may already be a frame behind what a canvas would draw. Firefox
  // stamps such frames with 0, and its metadata run ahead of the picture, on a busy machine by many frames: there the
  // playhead has to do, which during a seek is where the picture is not yet.
  record.read = (announced) => {
    const video = page.video;
    if (video.readyState < 2 || (!isStamped && video.seeking)) return null;
    const frame = new VideoFrame(video, isStamped ? {} : { timestamp: Math.round(video.currentTime * 1e6) });
    const edge = frame.displayWidth / share;
    context.drawImage(isCut ? frame : video, 0, 0, edge * cells, edge, 0, 0, canvas.width, canvas.height);
    const time = frame.timestamp / 1e6;
    const shown = { time, announced, row: "", picture: null };
    if (record.hasEyes) look(frame, shown);
    else frame.close();
    if (!isCut) {
      // The video may have gone on meanwhile: what is drawn is of a time between these two.
      const later = new VideoFrame(video);
      shown.announced = later.timestamp / 1e6;
      later.close();
    }
    const { data } = context.getImageData(0, PIXELS / 2, canvas.width, 1);
    for (let cell = 0; cell < cells; cell++) {
      const middle = 4 * (cell * PIXELS + PIXELS / 2);
      shown.row += data[middle] + data[middle + 1] + data[middle + 2] > 3 * 127 ? "#" : ".";
    }
    return shown;
  };

  // Notes FNV-1a of all of its pixels, 32 bits at a time, as the decoder has left them.
  const look = async (frame, shown) => {
    const pixels = new Uint32Array(Math.ceil(frame.allocationSize() / 4));
    await frame.copyTo(pixels);
    frame.close();
    let hash = 0x811c9dc5;
    for (const four of pixels) hash = Math.imul(hash ^ four, 0x01000193);
    shown.picture = hash >>> 0;
  };

  // Seeks, and answers with the frame shown once it covers `seconds`, or with whatever is shown at the limit.
  record.seek = async (seconds, frameLength, limit) => {
    const { video, player } = page;
    const deadline = performance.now() + limit;
    const seeked = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
    // Where the playhead stands for the frame's own time, it does not tell that the picture has come.
    const shown = isStamped || new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    player.seek(seconds);
    await Promise.race([Promise.all([seeked, shown]), new Promise((resolve) => setTimeout(resolve, limit))]);
    for (;;) {
      const frame = record.read();
      const covers = frame && frame.time <= seconds + 1e-4 && seconds < frame.time + frameLength - 1e-4;
      if (covers || performance.now() > deadline) return frame;
      // A hidden page is given no frames.
      await new Promise((resolve) => [requestAnimationFrame(resolve), setTimeout(resolve, 100)]);
    }
  };

  // Notes the loudest frequency of each channel beside the video's time, from the first. Firefox then stands still where
  // it begins, and its pictures come late and early: of what is listened to, pictures prove nothing.
  const listen = (video) => {
    const audio = new AudioContext({ sampleRate: 48000 });
    video.addEventListener("playing", () => (video.muted = false), { once: true });
    const source = audio.createMediaElementSource(video);
    const channels = audio.createChannelSplitter(2);
    source.connect(audio.destination);
    source.connect(channels);
    const analysers = [0, 1].map((channel) => {
      const analyser = new AnalyserNode(audio, { fftSize: 8192, smoothingTimeConstant: 0 });
      channels.connect(analyser, channel);
      return analyser;
    });
    const bins = new Float32Array(analysers[0].frequencyBinCount);
    const loudest = (analyser) => {
      analyser.getFloatFrequencyData(bins);
      const peak = bins.reduce((best, level, bin) => (level > bins[best] ? bin : best), 0);
      return bins[peak] > -60 ? (peak * audio.sampleRate) / analyser.fftSize : 0;
    };
    let before = video.currentTime;
    setInterval(() => {
      const [left, right] = analysers.map(loudest);
      const time = video.currentTime;
      if (time !== before) record.pitches.push({ time, left, right });
      before = time;
    }, 50);
  };
})
