// Watching together: fetched when a page joins its first room.

import start, { Member } from "watchparty-member"; // The module's script, which stands in the bundle.
import { plain } from "../plain.js";
import { Party } from "./party.js";

export { relay, webSocket } from "./transports.js";

/** Takes part in `room` with that player. */
export async function join(player, video, room, options) {
  await start({ module_or_path: plain(new URL("./member_bg.wasm", import.meta.url)) });
  return new Party(Member, player, video, room, options);
}
