// The buttons: each shows what the video is, and acts on the player.

import { remember, settings } from "./settings.js";
import { show } from "./status.js";

const element = (id) => document.getElementById(id);
const [stage, play, mute, volume, speed, small, large, unmute] =
  ["stage", "play", "mute", "volume", "speed", "small", "large", "unmute"].map(element);

const USER = { origin: "user" };

const AWAKE = 3000; // milliseconds for which the controls stay after a movement

function face(button, icon, label) {
  button.querySelector("use").setAttribute("href", `#icon-${icon}`);
  if (!label) return;
  const key = button.getAttribute("aria-keyshortcuts").split(" ").pop();
  button.setAttribute("aria-label", label);
  button.title = `${label} (${key})`;
}

/** What can be done to the film, for the buttons and for the keyboard. */
export function controls(player, video) {
  const actions = {
    async togglePlay() {
      if (video.paused || video.ended) {
        if (video.ended) player.seek(0, USER);
        // A pause that comes first, or an error that has its own place on the page.
        const result = await player.play(USER).catch(() => null);
        if (["playing", "muted"].includes(result) && stage.dataset.state === "blocked") show("ready");
      } else player.pause(USER);
    },
    toggleMute() {
      video.muted = !video.muted;
      if (!video.muted && video.volume === 0) video.volume = 0.5;
      remember({ muted: video.muted });
    },
    setVolume(level) {
      video.volume = Math.min(1, Math.max(0, level));
      video.muted = video.volume === 0;
      remember({ volume: video.volume, muted: video.muted });
    },
    changeSpeed(steps) {
      speed.selectedIndex = Math.min(speed.length - 1, Math.max(0, speed.selectedIndex + steps));
      speed.dispatchEvent(new Event("change"));
    },
    seekBy: (seconds) => actions.seekTo(video.currentTime + seconds),
    seekTo: (seconds) => player.seek(Math.max(0, seconds), USER),
    toggleSmall: () => (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture()).catch(() => {}),
    toggleLarge: () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen()).catch(() => {}),
  };

  function tell() {
    stage.toggleAttribute("data-paused", video.paused);
    if (video.ended) face(play, "again", "Play again");
    else face(play, video.paused ? "play" : "pause", video.paused ? "Play" : "Pause");
    face(mute, video.muted ? "silence" : "sound");
    mute.setAttribute("aria-pressed", String(!video.muted));
    volume.value = video.muted ? 0 : video.volume;
    // Whoever chose silence needs no suggestion; a browser may choose it, too.
    unmute.hidden = !video.muted || video.paused || settings.muted === true;
  }

  let sleep;
  function wake() {
    stage.toggleAttribute("data-awake", true);
    clearTimeout(sleep);
    sleep = setTimeout(() => stage.toggleAttribute("data-awake", false), AWAKE);
  }

  play.addEventListener("click", actions.togglePlay);
  video.addEventListener("click", actions.togglePlay);
  video.addEventListener("dblclick", actions.toggleLarge);
  mute.addEventListener("click", actions.toggleMute);
  unmute.addEventListener("click", () => {
    actions.toggleMute();
    play.focus();
  });
  volume.addEventListener("input", () => actions.setVolume(Number(volume.value)));
  speed.addEventListener("change", () => {
    player.setPlaybackRate(Number(speed.value), USER);
    video.defaultPlaybackRate = Number(speed.value);
    remember({ speed: Number(speed.value) });
  });
  small.hidden = !document.pictureInPictureEnabled;
  small.addEventListener("click", actions.toggleSmall);
  large.hidden = !document.fullscreenEnabled;
  large.addEventListener("click", actions.toggleLarge);
  document.addEventListener("fullscreenchange", () => {
    face(large, "large", document.fullscreenElement ? "Leave full screen" : "Full screen");
  });
  for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) stage.addEventListener(event, wake);
  for (const event of ["play", "pause", "ended", "seeked", "volumechange", "emptied"]) video.addEventListener(event, tell);

  video.volume = settings.volume ?? 1;
  video.muted = settings.muted ?? true;
  if ([...speed.options].some((option) => Number(option.value) === settings.speed)) {
    speed.value = String(settings.speed);
    video.defaultPlaybackRate = settings.speed;
    player.playbackRate = settings.speed;
  }
  tell();
  wake();
  return actions;
}
