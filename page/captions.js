// Captions: those that the film brings, and any `.vtt`, `.srt` or `.ass` file dropped on the page. They can be shifted in time.

const menu = document.getElementById("captions");

const SHIFT = 0.25; // seconds

/** Reads a file of captions; what does that is fetched when the first is brought. */
export async function readCaptions(bytes) {
  const { default: start, webvtt } = await import("../watchparty-captions-module.js");
  await start();
  return webvtt(bytes);
}

export function captions(player) {
  function tell() {
    const tracks = player.textTracks;
    menu.replaceChildren(new Option("Captions off", ""), ...tracks.map(({ id, label }) => new Option(label, id)));
    menu.value = tracks.find(({ active }) => active)?.id ?? "";
    menu.hidden = !tracks.length;
  }

  // What cannot be had is told by the player's `error` event; the menu goes back to what is shown.
  const show = (id) => player.showTextTrack(id).catch(tell);

  player.addEventListener("tracks", tell);
  player.addEventListener("state", tell);
  menu.addEventListener("change", () => show(menu.value === "" ? null : Number(menu.value)));

  return {
    isCaptions: (file) => /\.(vtt|srt|ass|ssa)$/i.test(file.name),
    side: (file) => show(player.addTextTrack({ src: file, label: file.name })),
    toggle() {
      const [first] = player.textTracks;
      if (first) show(player.textTracks.some(({ active }) => active) ? null : first.id);
    },
    shiftBy(steps) {
      player.textTrackOffset += steps * SHIFT;
    },
  };
}
