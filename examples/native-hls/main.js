// For browsers without MediaSource: iPhones before iOS 17.1 play HLS by themselves, and the cut brings `master.m3u8` over
// the same chunks. Pages that use hls.js know this choice: `Hls.isSupported()`, or else `canPlayType`.

import { Player, isSupported } from "./watchparty-player/index.js";

const film = "/media/current/";
const video = document.querySelector("video");
const status = document.querySelector("[role=status]");

if (isSupported()) {
  const src = `${film}manifest.json`;
  const player = await Player.attach(video, { src });
  await player.load(src);
} else if (video.canPlayType("application/vnd.apple.mpegurl")) {
  video.src = `${film}master.m3u8`;
} else {
  status.textContent = "This browser cannot play the film. Please use a newer one.";
}
if (isSupported() || video.src) await video.play();
