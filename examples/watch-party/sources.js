// The page's source types. Each takes the <video> and an address, and gives back how to move it; `chunks` is the new one.

import { Player } from "./watchparty-player/index.js";

export const sources = {
  // Any file that the browser plays by itself, as before.
  async file(video, url, { startTime = 0 } = {}) {
    const end = new AbortController();
    // A video does not say who moved it, and browsers round where to.
    let wanted = startTime || Infinity;
    video.src = `${url}#t=${startTime}`;
    return {
      seek: (time) => (video.currentTime = wanted = time),
      onSeek(told) {
        const listen = () => {
          if (Math.abs(video.currentTime - wanted) > 0.01) told(video.currentTime);
          wanted = Infinity;
        };
        video.addEventListener("seeking", listen, { signal: end.signal });
      },
      destroy() {
        end.abort();
        video.removeAttribute("src");
      },
    };
  },

  // A film cut into chunks.
  async chunks(video, url, { startTime = 0 } = {}) {
    const player = await Player.attach(video, { src: url });
    try {
      await player.load(url, { startTime });
    } catch (error) {
      player.destroy();
      throw error;
    }
    return {
      // The origin comes back with the events: what the party wanted is not told to the party again.
      seek: (time) => player.seek(time, { origin: "party" }),
      onSeek: (told) => player.addEventListener("seek", ({ detail }) => detail.origin === "user" && told(detail.to)),
      destroy: () => player.destroy(),
    };
  },
};
