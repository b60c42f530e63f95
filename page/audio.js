// The menu of audio tracks, where a film has more than one.

const menu = document.getElementById("audio");

export function audioMenu(player) {
  function tell() {
    const tracks = player.audioTracks;
    const name = ({ id, label, language }) => label ?? language ?? `Sound ${id}`;
    menu.replaceChildren(...tracks.map((track) => new Option(name(track), track.id)));
    menu.value = tracks.find(({ active }) => active)?.id ?? "";
    menu.hidden = tracks.length < 2;
  }

  for (const event of ["tracks", "state", "loaded"]) player.addEventListener(event, tell);
  menu.addEventListener("change", () => player.selectAudio(Number(menu.value)));
}
