// A room of the page's own socket.io server, on the page's own socket.

/** The way to `room` on `socket`, of socket.io's client. */
export function socketio(socket, room) {
  let isOpen = false;
  const opened = () => {
    isOpen = true;
    way.onopen?.();
  };
  const heard = (name, text) => name === room && isOpen && way.onmessage?.(text);
  const lost = () => {
    way.close();
    way.onclose?.();
  };
  const way = {
    room,
    open() {
      way.close();
      socket.on("watchparty", heard);
      socket.once("disconnect", lost);
      if (socket.connected) return opened();
      socket.once("connect", opened);
      // It tries again by itself, unless the server has ended it, the page has not begun it, or it has given up.
      if (!socket.active || socket.io?._readyState === "closed") socket.connect();
    },
    close() {
      // Without a text: gone from the room, while the socket may serve the page further.
      if (isOpen && socket.connected) socket.emit("watchparty", room);
      isOpen = false;
      socket.off("watchparty", heard).off("disconnect", lost).off("connect", opened);
    },
    send(text) {
      if (isOpen && socket.connected) socket.emit("watchparty", room, text);
    },
  };
  return way;
}
