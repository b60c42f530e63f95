// What happens between `load()` and the first frame, for the person who wants to know why: `--trace`.

if (new URLSearchParams(location.search).has("trace")) {
  const notes = [];
  const note = (what) => notes.push(`${(performance.now() - (bench.began ?? 0)).toFixed(1).padStart(8)} ms  ${what}`);
  bench.notes = () => notes.splice(0).join("\n");

  const { fetch, XMLHttpRequest } = window;
  window.fetch = async (source, how) => {
    const name = `${new URL(source.url ?? source, location.href).pathname} ${new Headers(how?.headers).get("range") ?? ""}`;
    note(`ask ${name}`);
    const answer = await fetch(source, how);
    note(`head ${name}`);
    return answer;
  };
  const { open } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    note(`ask ${address}`);
    this.addEventListener("load", () => note(`body ${address}`));
    return open.call(this, method, address, ...rest);
  };
  const { addSourceBuffer } = MediaSource.prototype;
  MediaSource.prototype.addSourceBuffer = function (mime) {
    note(`addSourceBuffer ${mime}`);
    const buffer = addSourceBuffer.call(this, mime);
    buffer.mime = mime.slice(0, 5);
    buffer.addEventListener("updateend", () => note(`updateend ${buffer.mime}`));
    return buffer;
  };
  const { appendBuffer } = SourceBuffer.prototype;
  SourceBuffer.prototype.appendBuffer = function (bytes) {
    note(`append ${this.mime} ${bytes.byteLength}`);
    return appendBuffer.call(this, bytes);
  };
  for (const kind of ["loadstart", "loadedmetadata", "loadeddata", "canplay", "canplaythrough", "playing", "waiting", "seeking", "seeked"]) {
    video.addEventListener(kind, () => note(kind));
  }
  bench.note = note;
}
