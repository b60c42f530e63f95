// What the page had before: a room whose members tell each other what they do, as with socket.io. A BroadcastChannel
// stands for the server, so that two tabs of one browser are a party.

export function room(name) {
  const me = Math.random();
  const channel = new BroadcastChannel(name);
  const listeners = new Map();
  channel.addEventListener("message", ({ data: { kind, detail, from, to = me } }) => {
    if (to === me) listeners.get(kind)?.(detail, from);
  });
  return {
    on: (kind, listener) => listeners.set(kind, listener),
    // To all others, or to one of them.
    emit: (kind, detail, to) => channel.postMessage({ kind, detail, from: me, to }),
  };
}
