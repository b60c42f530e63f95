// The npm package, with its defaults.
import { Player } from "./watchparty-player/index.js";

const cold = new URLSearchParams(location.search).has("cold");
const attached = Player.attach(video, cold ? { src: film.manifest } : {});
attached.then((player) => {
  player.addEventListener("error", ({ detail }) => detail.fatal && bench.fail(detail.message));
  bench.load = () => player.load(film.manifest);
  bench.seek = (seconds) => player.seek(seconds);
  bench.ready();
}, bench.fail);
