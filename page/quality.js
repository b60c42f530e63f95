// The menu of renditions, where a film has more than one.

import { early } from "../early.js";
import { reason, rendition as name } from "./words.js";

const menu = document.getElementById("quality");

/** Who chooses among the renditions of a film: what decides is fetched, and the film plays meanwhile. */
export function chooseRenditions(player, video, manifest) {
  const script = early(manifest);
  const fetched = Promise.all([import("../watchparty-rungs-module.js"), import("../renditions/renditions.js")]);
  const begin = async ([{ default: start, Ladder }, { Renditions }]) => {
    await start();
    new Renditions(Ladder, player, video, script);
  };
  fetched.then(begin).catch(() => (script.tell = () => {}));
  return script;
}

export function qualityMenu(player, video) {
  function tell() {
    const renditions = player.renditions ?? [];
    const active = renditions.find((rendition) => rendition.active);
    const automatic = new Option(active ? `Auto (${name(active)})` : "Auto", "auto");
    menu.replaceChildren(automatic, ...renditions.toReversed().map((rendition) => new Option(name(rendition), rendition.id)));
    menu.value = player.rendition ?? "auto";
    const choice = player.renditionStats?.choice;
    menu.title = choice ? `Quality: ${reason(choice)}` : "Quality";
    menu.hidden = renditions.length < 2;
  }

  for (const event of ["renditions", "rendition", "loaded", "state"]) player.addEventListener(event, tell);
  video.addEventListener("resize", tell);
  menu.addEventListener("change", () => {
    player.rendition = menu.value === "auto" ? "auto" : Number(menu.value);
    tell();
  });
}
