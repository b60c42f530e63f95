// What this viewer chose last time. Without storage (a private window, a strict frame) the page merely forgets.

const KEY = "watchparty-player";

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

/** `volume` (0 to 1), `muted`, `speed`, `flow` (whether the panel is open), `name` (among others in a room); absent until chosen. */
export const settings = read();

export function remember(changes) {
  Object.assign(settings, changes);
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // It lasts as long as the page.
  }
}
