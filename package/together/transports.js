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

/** A socket of the page's own socket.io; texts go as `event`s, to and fro. The server has the room (`room` says which). */
export function socketIo(socket, { room, event = "party" } = {}) {
  const heard = (text) => way.onmessage(text);
  const enter = () => {
    if (room !== undefined) socket.emit(`${event}:enter`, room);
    way.onopen();
  };
  const lost = () => {
    way.close();
    way.onclose();
  };
  const way = {
    open() {
      socket.on(event, heard);
      socket.on("connect", enter);
      socket.on("disconnect", lost);
      if (socket.connected) enter();
      else socket.connect();
    },
    close() {
      socket.off(event, heard);
      socket.off("connect", enter);
      socket.off("disconnect", lost);
    },
    send(text) {
      socket.emit(event, text);
    },
  };
  return way;
}

/** Anything with `postMessage` and `message` events that is open for as long as it is there: a BroadcastChannel, a MessagePort. */
export function messages(port) {
  const heard = ({ data }) => way.onmessage(data);
  const way = {
    open() {
      port.addEventListener("message", heard);
      port.start?.();
      queueMicrotask(() => way.onopen());
    },
    close() {
      port.removeEventListener("message", heard);
    },
    send(text) {
      port.postMessage(text);
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
