// Drawing for the flow panel. Nothing here knows the player, only what it was seen to do.

import { shape } from "./film-shape.js";
import { prepare } from "./seek-bar.js";
import { rendition } from "./words.js";

const GAP = 2; // pixels between chunks

/**
 * A row for each stream that is played, and one for all renditions: what is there of it is as high as the rendition that it came from,
 * of which `renditionAt` tells the number. Gives back the same in a sentence.
 */
export function drawStrip(canvas, { film, flow, past, edge, verified, duration, time, renditions, renditionAt }, colour) {
  const { context, width, height } = prepare(canvas);
  if (!film || !flow || !duration) return "There is no film yet.";
  const x = (seconds) => (Math.min(seconds, duration) / duration) * width;
  // Of several streams of a kind one is played: it has ranges or requests.
  const rungs = renditions.map(({ id }) => id);
  const isHeld = rungs.some((rung) => flow.buffered[rung].length);
  // A rendition may be asked for while another is held: both are one row.
  const asked = (stream) => flow.requests.some((request) => request.stream === stream) && !(isHeld && rungs.includes(stream));
  const streams = shape(film, duration);
  const rows = streams
    .map((stream, number) => ({ ...stream, number, ranges: flow.buffered[number], of: rungs.includes(number) ? rungs : [number] }))
    .filter(({ number, ranges }) => ranges.length || asked(number) || film.streams.length === 1);
  const row = height / Math.max(1, rows.length);
  const seen = new Set();

  rows.forEach(({ chunks, ranges, number, of }, at) => {
    const [top, tall] = [at * row, row - GAP];
    const rungAt = (pixel) => of.indexOf(renditionAt(((pixel + 0.5) / width) * duration));
    const fill = (from, to, isHere) => {
      if (of.length < 2) return void context.fillRect(x(from), top, Math.max(1, x(to) - x(from)), tall);
      const right = Math.max(x(from) + 1, x(to));
      for (let left = Math.floor(x(from)), next; left < right; left = next) {
        const rung = rungAt(left);
        for (next = left + 1; next < right && rungAt(next) === rung; ) next += 1;
        const high = rung < 0 ? tall : (tall * (rung + 1)) / of.length;
        context.fillRect(left, top + tall - high, Math.min(next, right) - left, high);
        if (isHere && rung >= 0) seen.add(rung);
      }
    };
    context.fillStyle = colour("absent");
    for (const { start, end } of chunks) context.fillRect(x(start), top, Math.max(1, x(end) - x(start) - GAP), tall);
    context.fillStyle = colour("gone");
    for (const [from, to] of of.flatMap((stream) => past[stream] ?? [])) fill(from, to, false);
    context.fillStyle = colour("here");
    for (const [from, to] of ranges) fill(from, to, true);
    for (const request of flow.requests.filter(({ stream }) => of.includes(stream))) {
      const { start, end, bytes } = streams[request.stream].chunks[request.chunk];
      const [from, to] = [request.start, request.offset].map((byte) => x(start + ((end - start) * byte) / bytes));
      context.fillStyle = colour("flight");
      context.fillRect(from, top + tall - 6, Math.max(3, to - from), 6);
    }
    // Where a chunk came from last, as the edge cache told it.
    chunks.forEach(({ start, end }, chunk) => {
      const from = edge.get(`${number}/${chunk}`);
      if (!from) return;
      context.fillStyle = colour(from);
      context.fillRect(x(start), top, Math.max(1, x(end) - x(start)), 4);
    });
    // How much of a chunk has been verified, as a line of that share of its length.
    context.fillStyle = colour("verified");
    chunks.forEach(({ start, end, bytes }, chunk) => {
      const share = Math.min(1, (verified.get(`${number}/${chunk}`) ?? 0) / bytes);
      if (share > 0) context.fillRect(x(start), top + 6, Math.max(2, (x(end) - x(start) - GAP) * share), 3);
    });
    // The bounds of chunks stay visible where everything is buffered.
    context.fillStyle = colour("card");
    for (const { start } of chunks.slice(1)) context.fillRect(x(start) - GAP, top, GAP, tall);
  });
  context.fillStyle = colour("head");
  context.fillRect(x(time) - 1, 0, 2, height);

  const names = renditions.filter((_, rung) => seen.has(rung)).map(rendition);
  const counted = rows.map(({ kind, chunks, ranges, number, of }) => {
    const here = chunks.filter(({ start, end }) => ranges.some(([from, to]) => from < end && start < to));
    const sound = chunks.filter(({ bytes }, chunk) => (verified.get(`${number}/${chunk}`) ?? 0) >= bytes);
    const from = of.length > 1 && names.length ? ` in ${names.join(" and ")}` : "";
    return `${kind ?? "film"}${from}: ${here.length} of ${chunks.length} chunks are buffered in part or whole, ${sound.length} verified to the end`;
  });
  return `${counted.join("; ")}; ${flow.requests.length} requests are under way.`;
}

/** What has been or is in any of these ranges, in order. */
export function join(ranges, more) {
  const sorted = [...ranges, ...more].sort(([one], [other]) => one - other);
  return sorted.reduce((joined, [from, to]) => {
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
    return joined;
  }, []);
}

/** The newest value at the right edge; as high as the highest, which `say` puts into words. */
export function drawGraph(canvas, values, { kept, say, ink, line, soft }) {
  const { context, width, height } = prepare(canvas);
  const highest = Math.max(1, ...values);
  const point = (value, number) => [
    width - ((values.length - 1 - number) / (kept - 1)) * width,
    height - 1 - (value / highest) * (height - 6),
  ];
  context.fillStyle = line;
  for (const share of [0, 0.5, 1]) context.fillRect(0, point(highest * share, 0)[1], width, 1);
  context.beginPath();
  values.forEach((value, number) => context.lineTo(...point(value, number)));
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.stroke();
  context.lineTo(width, height);
  context.lineTo(point(0, 0)[0], height);
  context.globalAlpha = 0.18;
  context.fillStyle = ink;
  context.fill();
  context.globalAlpha = 1;
  context.fillStyle = soft;
  context.font = "12px system-ui, sans-serif";
  context.fillText(say(highest), 2, 18);
}

const LEAST = 50; // milliseconds, so that what nobody notices looks small

/**
 * How far ahead of the room or behind it, in milliseconds over time, and what was done about it: `rate` or `seek`. The newest at the
 * right edge; gives back the same in a sentence.
 */
export function drawDrift(canvas, samples, { kept, say }, colour) {
  const { context, width, height } = prepare(canvas);
  const known = samples.map(({ drift }) => drift).filter((drift) => drift !== null);
  const furthest = Math.max(LEAST, ...known.map(Math.abs));
  const x = (number) => width - ((samples.length - 1 - number) / (kept - 1)) * width;
  const y = (drift) => height / 2 - (drift / furthest) * (height / 2 - 10);
  context.fillStyle = colour("line");
  for (const level of [-furthest, 0, furthest]) context.fillRect(0, y(level), width, 1);
  context.beginPath();
  let isDrawn = false;
  samples.forEach(({ drift }, number) => {
    if (drift !== null) context[isDrawn ? "lineTo" : "moveTo"](x(number), y(drift));
    isDrawn = drift !== null;
  });
  context.strokeStyle = colour("here");
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.stroke();
  let [rates, seeks] = [0, 0];
  samples.forEach(({ steers }, number) => {
    for (const action of steers) {
      const isSeek = action === "seek";
      [rates, seeks] = isSeek ? [rates, seeks + 1] : [rates + 1, seeks];
      context.fillStyle = colour(isSeek ? "miss" : "flight");
      context.fillRect(x(number) - 1, isSeek ? 0 : height - 8, isSeek ? 3 : 2, isSeek ? height : 8);
    }
  });
  context.fillStyle = colour("soft");
  context.font = "12px system-ui, sans-serif";
  context.fillText(say(furthest), 2, 20);
  context.fillText(say(-furthest), 2, height - 12);
  if (!known.length) return "It is not known yet how far this player is from the others.";
  const [last, most, least] = [known.at(-1), Math.max(...known), Math.min(...known)];
  const times = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
  return `${say(last)} now, between ${say(least)} and ${say(most)} in the last minutes; ${times(rates, "change")} of rate and ${times(seeks, "jump")} to be with the others.`;
}
