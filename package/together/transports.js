// Ways to a room. Each has `open`, `close` and `send(text)`, and calls `onopen`, `onclose` and `onmessage(text)`. None waits or
// tries again by itself: the member does.

/** A WebSocket of the relay at `url`. */
export function webSocket(url) {
  let socket = null;
  const way = {
    open() {
      const mine = (socket = new WebSocket(url));
      const ifMine = (told) => (event) => socket === mine && told(event);
      mine.onopen = ifMine(() => way.onopen());
      mine.onmessage = ifMine(({ data }) => way.onmessage(data));
      mine.onclose = ifMine(() => {
        socket = null;
        way.onclose();
      });
    },
    close() {
      const old = socket;
      socket = null;
      old?.close();
    },
    send(text) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(text);
    },
  };
  return way;
}

/** Where the page's own relay has that room. */
export function relay(room) {
  const url = new URL(/^wss?:/.test(room) ? room : `/party/${encodeURIComponent(room)}`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return webSocket(url.href);
}
