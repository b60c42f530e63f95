// The keys and panels of the operating system. Browsers without them, or without one of them, do without.

const STEP = 10; // seconds

export function mediaSession(player, video, actions) {
  const session = navigator.mediaSession;
  if (!session) return;
  const handlers = {
    play: () => player.play({ origin: "user" }).catch(() => {}),
    pause: () => player.pause({ origin: "user" }),
    seekbackward: ({ seekOffset }) => actions.seekBy(-(seekOffset ?? STEP)),
    seekforward: ({ seekOffset }) => actions.seekBy(seekOffset ?? STEP),
    seekto: ({ seekTime }) => actions.seekTo(seekTime),
  };
  for (const [action, handler] of Object.entries(handlers)) {
    try {
      session.setActionHandler(action, handler);
    } catch {
      // An action that this browser does not know.
    }
  }
  player.addEventListener("loaded", () => {
    session.metadata = new MediaMetadata({ title: player.film?.name ?? document.title });
  });
  for (const event of ["seeked", "ratechange", "durationchange"]) {
    video.addEventListener(event, () => {
      const { duration, currentTime, playbackRate } = video;
      if (!Number.isFinite(duration) || !playbackRate) return;
      session.setPositionState?.({ duration, playbackRate, position: Math.min(currentTime, duration) });
    });
  }
}
