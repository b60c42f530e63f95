// A bundled, typed app. Vite finds the engine by itself: nothing is to be configured for `vite build`.

import type { PlayerError, Position } from "watchparty-player";
import { defineElement } from "watchparty-player/element";

defineElement();

const element = document.querySelector("watchparty-player")!;
element.addEventListener("error", ({ detail }: CustomEvent<PlayerError>) => console.error(detail.code, detail.remedy));
element.addEventListener("seeked", ({ detail }) => console.log(detail.origin, detail.to));
element.addEventListener("firstframe", () => {
  const position: Position | undefined = element.player?.position();
  console.log("the film begins at", position?.mediaTime);
});
