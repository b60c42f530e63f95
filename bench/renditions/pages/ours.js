// The npm package, with its defaults.
import { Player } from "./watchparty-player/index.js";

Player.attach(video).then((player) => {
  player.addEventListener("error", ({ detail }) => detail.fatal && bench.fail(detail.message));
  bench.load = () => player.load(film.manifest);
  bench.seek = (seconds) => player.seek(seconds);
  bench.ready();
}, bench.fail);
