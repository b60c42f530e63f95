// What stands in for the choice among a film's renditions while that is fetched.

/** Milliseconds that an answer takes on a busy device, however quick the link. */
const BUSY = 50;

/**
 * Has the publisher's default play, or the lowest of its codec's where the link has brought the manifest at less than twice the default's
 * rate: sound comes over it, too, and what chooses. Browsers keep how long an answer took to come, but not of a cache, nor of a
 * server that is another than the page's and does not allow it. Keeps what is told, for who chooses from then on.
 */
export function early(manifest) {
  const { streams } = JSON.parse(new TextDecoder().decode(manifest));
  const answer = performance.getEntries().findLast(({ decodedBodySize }) => decodedBodySize === manifest.length);
  const family = ({ set, mime }) => set + mime.split(".")[0];
  const script = {
    streams,
    told: [],
    tell: (...what) => script.told.push([performance.now(), ...what]),
    choose(stream) {
      // Bytes and milliseconds, and twice as many bits in a second.
      const isSlow = answer?.encodedBodySize * 4_000 < streams[stream].bandwidth * (answer?.responseEnd - answer?.responseStart - BUSY);
      script.first = isSlow ? streams.findLastIndex((other) => family(other) === family(streams[stream])) : stream;
      return script.first;
    },
  };
  return script;
}
