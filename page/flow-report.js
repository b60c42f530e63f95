// What somebody who helps wants to know, as text. Addresses lose their query: it may hold a token. Cuts lose of their name what
// nobody can guess: chunks that have it are open to everybody.

// In sentences, too: a question mark at the end of a word and the `#` of `#1` begin no query.
const QUERY = /(?:\?|(\S)#)[^\s.,:;)]\S*?(?=[.,:;)]*(?:\s|$))/g;

const SECRET = /\b([0-9a-f]{32})[0-9a-f]{32}\b/g;

const plain = (text) => text.replace(QUERY, "$1").replace(SECRET, "$1…");

export function report(player, facts, told) {
  const film = player.film;
  const streams = (film?.streams ?? []).map(({ kind, mime, chunks }) => {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
    return `${kind ?? "film"}, ${mime ?? "type unknown"}: ${chunks.length} chunks, ${bytes} bytes`;
  });
  const lines = [
    `Watchparty player, ${new Date().toISOString()}`,
    navigator.userAgent,
    `Page: ${plain(location.href)}`,
    `Film: ${plain(film?.id ?? "without an id")}`,
    ...streams,
    `State: ${player.state}`,
    ...facts.map(([name, value]) => `${name}: ${value}`),
    "",
    ...told.map(plain),
  ];
  return lines.join("\n");
}
