// A film's chunks on its timeline, for drawing.

/**
 * For each stream `{ kind, chunks: [{ start, end, bytes }] }`, in seconds. Where a film without an index has not told
 * when a chunk starts, its bytes say about where.
 */
export function shape(film, duration) {
  return film.streams.map(({ kind, chunks }) => {
    const total = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
    let before = 0;
    const placed = chunks.map(({ bytes, start, end }) => {
      const guessed = (duration * before) / total;
      before += bytes;
      return { bytes, start: start ?? guessed, end: end ?? (duration * before) / total };
    });
    return { kind, chunks: placed };
  });
}

/** Where chunks begin, but for the first; of the stream that has the most. */
export function marks(film, duration) {
  const streams = shape(film, duration).map(({ chunks }) => chunks.slice(1).map(({ start }) => start));
  return streams.reduce((most, starts) => (starts.length > most.length ? starts : most), []);
}
