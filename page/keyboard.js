// The keyboard map, wherever on the page the focus is, but for what needs the keys itself.

const controls = document.getElementById("controls");

const STEP = 5; // seconds
const LEAP = 10;
const LOUDER = 0.1;

export function keyboard(actions, video) {
  const keys = {
    " ": actions.togglePlay,
    k: actions.togglePlay,
    ArrowLeft: () => actions.seekBy(-STEP),
    ArrowRight: () => actions.seekBy(STEP),
    j: () => actions.seekBy(-LEAP),
    l: () => actions.seekBy(LEAP),
    ArrowUp: () => actions.setVolume(video.volume + LOUDER),
    ArrowDown: () => actions.setVolume(video.volume - LOUDER),
    n: actions.nextChapter,
    p: actions.previousChapter,
    m: actions.toggleMute,
    f: actions.toggleLarge,
    i: actions.toggleSmall,
    c: actions.toggle,
    "[": () => actions.shiftBy(-1),
    "]": () => actions.shiftBy(1),
    "<": () => actions.changeSpeed(-1),
    ">": () => actions.changeSpeed(1),
  };
  for (let digit = 0; digit < 10; digit++) keys[digit] = () => actions.seekTo(((video.duration || 0) * digit) / 10);

  addEventListener("keydown", (event) => {
    // Whoever is invited comes in first.
    if (controls.inert) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || needs(event.target, event.key)) return;
    event.preventDefault();
    action();
  });
}

/** Whether the focused element does something of its own with that key. */
function needs(target, key) {
  if (target.matches("input:not([type=range]), select, textarea")) return true;
  if (target.matches("button, summary")) return key === " ";
  // Up and down scroll the page unless the film has the focus.
  if (key === "ArrowUp" || key === "ArrowDown") return !target.closest("#stage") || target.id === "volume";
  return target.id === "volume" && key.startsWith("Arrow");
}
