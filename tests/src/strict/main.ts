// Held against the package's types as strictly as TypeScript can.

import { isSupported, Player, prepare } from "watchparty-player";
import type { AttachOptions, PlayerError, RequestHook, RoomState, Transport } from "watchparty-player";
import { defineElement } from "watchparty-player/element";
import { followGrowth } from "watchparty-player/growing";
import { watchParty, type SocketServer } from "watchparty-player/party-server";
import { socketio, type ClientSocket } from "watchparty-player/party-socketio";
import { tabs } from "watchparty-player/party-tabs";

const sign: RequestHook = async (request, { kind, stream, chunk }) => {
  if (kind === "chunk" && stream !== null && chunk !== null) request.headers.set("x-ticket", `${stream}/${chunk}`);
};

export async function play(video: HTMLVideoElement, signal: AbortSignal): Promise<string> {
  if (!isSupported()) return "never";
  await prepare();
  const options: AttachOptions = { ahead: 20, credentials: "include", headers: { a: "b" }, request: sign, token: ["sig"], signal };
  const player: Player = await Player.attach(video, options);
  const target: EventTarget = player;
  target.addEventListener("loaded", () => undefined);
  player.addEventListener("error", ({ detail }) => {
    const { code, action, remedy }: PlayerError = detail;
    if (action === "retry") player.retry();
    else if (action === "load") console.warn(code, remedy);
  });
  player.addEventListener("stalled", { handleEvent: ({ detail }) => console.warn(detail.cause) }, { once: true });
  player.addEventListener("of-the-page", (event: Event) => console.warn(event.type));
  await player.load(new URL("https://example.org/manifest.json"), { startTime: 3, signal });
  await player.load(new Request("/manifest.json"));
  await player.load(fetch("/manifest.json"));
  player.configure({ ahead: 60, request: null });
  const first = player.film?.streams[0];
  const size: number | null | undefined = first && (first.width ?? first.bandwidth ?? first.frameRate);
  const thumbnail = await player.thumbnailAt(2);
  // @ts-expect-error: there is no such option
  player.configure({ ahed: 60 });
  // @ts-expect-error: nor such a detail
  player.addEventListener("stalled", ({ detail }) => detail.reason);
  return `${thumbnail?.url} ${size}`;
}

defineElement();
const element = document.createElement("watchparty-player");
element.options = { ahead: 20, request: sign };
// @ts-expect-error: there is no such option
element.options = { ahed: 20 };
element.addEventListener("ended", () => undefined);
element.addEventListener("seek", ({ detail: { to, origin } }) => console.warn(to, origin, element.options.ahead));

element.addEventListener("growth", ({ detail: { text, waiting } }) => console.warn(text.length, waiting));

export function grow(player: Player, video: HTMLVideoElement): void {
  player.addEventListener("growth", ({ detail }) => console.warn(detail.readyUpTo?.toFixed(1)));
  followGrowth(player, video, (startTime) => player.load("/manifest.json", { startTime }));
}

export async function together(player: Player, socket: ClientSocket): Promise<void> {
  const party = await player.join(socketio(socket, "living-room"), { name: "Ada", policy: "never" });
  party.leave();
  await player.join(tabs("living-room"));
}

export async function attachTogether(video: HTMLVideoElement, room: Transport): Promise<string[]> {
  const { party } = await Player.attach(video, { party: { room, name: "Ada", control: "host" } });
  const state: RoomState | null | undefined = party?.state;
  party?.addEventListener("lost", ({ detail: { again, why } }) => console.warn(again.toFixed(), why));
  if (state?.until) party?.command({ policy: { quorum: { percent: 50, limit: 10 } } });
  // @ts-expect-error: a seek says where to
  party?.command({ seek: "there" });
  return party?.members.map(({ name, drift }) => `${name} ${drift?.toFixed(1)} ${state?.position}`) ?? [];
}

export function keep(io: SocketServer<{ data: { user: string } }>): number {
  const party = watchParty(io, { maxRooms: 7, admit: ({ data: { user } }, room, token) => room === token && { name: user } });
  const host = party.room("living-room")?.members.find((member) => member.host)?.name;
  // @ts-expect-error: a member is let in or not
  watchParty(io, { admit: () => "yes" });
  return host ? party.clients : 0;
}
