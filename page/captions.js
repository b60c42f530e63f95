// Captions: those that the film brings, and any `.vtt` or `.srt` file dropped on the page. They can be shifted in time.

const menu = document.getElementById("captions");

const SHIFT = 0.25; // seconds

export function captions(player, video) {
  let shift = 0;

  function add(source, label, language) {
    const track = document.createElement("track");
    Object.assign(track, { kind: "subtitles", src: source, label, srclang: language ?? "" });
    // Cues come once the track is shown, and then at their own times.
    track.addEventListener("load", () => move(track.track, shift));
    video.append(track);
    tell();
    return track;
  }

  function tell() {
    const tracks = [...video.querySelectorAll("track")];
    const names = ["Captions off", ...tracks.map(({ label }) => label)];
    menu.replaceChildren(...names.map((name, number) => new Option(name, number)));
    menu.value = tracks.findIndex(({ track }) => track.mode === "showing") + 1;
    menu.hidden = !tracks.length;
  }

  function show(chosen) {
    video.querySelectorAll("track").forEach((track, number) => {
      track.track.mode = number === chosen ? "showing" : "disabled";
    });
    menu.value = chosen + 1;
  }

  player.addEventListener("loaded", () => {
    video.querySelectorAll("track").forEach((track) => track.remove());
    shift = 0;
    const entries = player.film?.subtitles ?? [];
    entries.forEach(({ url, label, language }, number) => add(url, label ?? language ?? `Captions ${number + 1}`, language));
    show(entries.findIndex((entry) => entry.default));
    tell();
  });
  menu.addEventListener("change", () => show(Number(menu.value) - 1));

  return {
    isCaptions: (file) => /\.(vtt|srt)$/i.test(file.name),
    async side(file) {
      const vtt = new Blob([webvtt(await file.text())], { type: "text/vtt" });
      const track = add(URL.createObjectURL(vtt), file.name);
      show([...video.querySelectorAll("track")].indexOf(track));
    },
    toggle: () => menu.hidden || show(Number(menu.value) ? -1 : 0),
    shiftBy(steps) {
      shift += steps * SHIFT;
      for (const { track } of video.querySelectorAll("track")) move(track, steps * SHIFT);
    },
  };
}

function move(track, seconds) {
  for (const cue of track.cues ?? []) [cue.startTime, cue.endTime] = [cue.startTime + seconds, cue.endTime + seconds];
}

/** SubRip differs from WebVTT in its head, and in the comma of its times. */
function webvtt(text) {
  if (text.replace(/^\uFEFF/, "").startsWith("WEBVTT")) return text;
  return `WEBVTT\n\n${text.replace(/^\uFEFF/, "").replace(/(\d\d:\d\d:\d\d),(\d{3})/g, "$1.$2")}`;
}
