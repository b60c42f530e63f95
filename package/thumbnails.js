// Pictures for a seek bar: a WebVTT file whose cues name regions of larger pictures, `sprite.jpg#xywh=0,0,160,90`. Fetched
// when the first is asked for.

const TIME = String.raw`(?:(?:(\d+):)?(\d+):)?(\d+\.\d+)`;
const CUE = new RegExp(String.raw`^[ \t]*${TIME}[ \t]+-->[ \t]+${TIME}(?:[ \t].*)?\r?\n[ \t]*([^#\s][^#\r\n]*)(?:#(.*))?$`, "gm");

// Media Fragments URI 1.0 section 4.2.2.
const REGION = /^xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)\s*$/;

const seconds = (hours = 0, minutes = 0, seconds) => hours * 3600 + minutes * 60 + +seconds;

/** What gives the picture for a time in seconds, its address as the file has it; `null` where there is none. */
export function thumbnails(bytes) {
  const cues = new TextDecoder("utf-8", { fatal: true }).decode(bytes).matchAll(CUE);
  const found = Array.from(cues, ([, ...cue]) => {
    const [x, y, width, height] = REGION.exec(cue[7])?.slice(1).map(Number) ?? [0, 0, null, null];
    return { url: cue[6].trim(), start: seconds(...cue.slice(0, 3)), end: seconds(...cue.slice(3, 6)), x, y, width, height };
  });
  return (time) => {
    const thumbnail = found.find(({ start, end }) => start <= time && time < end);
    return thumbnail ? { ...thumbnail } : null;
  };
}
