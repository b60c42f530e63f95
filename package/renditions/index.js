// The choice among a film's renditions: fetched when a film that has several is loaded.

import start, { Ladder } from "watchparty-rungs"; // The module's script, which stands in the bundle.
import { plain } from "../plain.js";
import { Renditions } from "./renditions.js";

/** Chooses among the renditions of the film that is loaded on `video`, by one of `players`, each of which has its element. */
export async function choose(players, video, script) {
  await start({ module_or_path: plain(new URL("./rungs_bg.wasm", import.meta.url)) });
  const [player] = [...players].find(([, element]) => element === video);
  new Renditions(Ladder, player, video, script);
}
