// What the page had before: a room whose members tell each other what they do, as with socket.io. A BroadcastChannel
// stands for the server, so that two tabs of one browser are a party.

export function room(name) {
  const channel = new BroadcastChannel(name);
  const listeners = new Map();
  channel.addEventListener("message", ({ data: { kind, detail } }) => listeners.get(kind)?.(detail));
  return {
    on: (kind, listener) => listeners.set(kind, listener),
    emit: (kind, detail) => channel.postMessage({ kind, detail }),
  };
}
