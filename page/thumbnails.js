// Pictures for the seek bar: a WebVTT file whose cues name regions of larger pictures, `sprite.jpg#xywh=0,0,160,90`.

const TIMES = /^(?:(\d+):)?(\d\d):(\d\d\.\d{3})\s+-->\s+(?:(\d+):)?(\d\d):(\d\d\.\d{3})/;
const REGION = /^xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)$/;

const seconds = (hours, minutes, rest) => Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(rest);

/** `{ from, to, url, region: [x, y, width, height] }` for each cue; a cue without a region is a picture of its own. */
export function parse(text, base) {
  return text.split(/\r?\n\s*\r?\n/).flatMap((block) => {
    const lines = block.split(/\r?\n/);
    const at = lines.findIndex((line) => TIMES.test(line));
    if (at < 0 || !lines[at + 1]) return [];
    const [, ...parts] = TIMES.exec(lines[at]);
    const url = new URL(lines[at + 1].trim(), base);
    const region = REGION.exec(url.hash.slice(1))?.slice(1).map(Number) ?? null;
    url.hash = "";
    return [{ from: seconds(...parts.slice(0, 3)), to: seconds(...parts.slice(3)), url: url.href, region }];
  });
}

/** Shows the picture of a time in `image`, once there are pictures; `null` hides it. */
export function thumbnails(player, image) {
  let cues = [];
  let asked = null;
  let wanted = null;

  // Asked for when somebody first points at the seek bar, not before the film.
  async function ask() {
    const url = player.film?.thumbnails?.url;
    if (!url || url === asked) return;
    asked = url;
    cues = [];
    const answer = await fetch(url, { priority: "low" }).catch(() => null);
    const found = answer?.ok ? parse(await answer.text(), answer.url) : [];
    if (url !== asked) return;
    cues = found;
    draw();
  }

  player.addEventListener("state", ({ detail }) => {
    if (detail.state === "loading") [cues, asked] = [[], null];
  });

  function draw() {
    const cue = wanted === null ? null : cues.find(({ from, to }) => from <= wanted && wanted < to);
    image.hidden = !cue;
    if (!cue) return;
    const [x, y, width, height] = cue.region ?? [0, 0, 160, 90];
    image.style.width = `${width}px`;
    image.style.height = `${height}px`;
    image.style.background = `url(${JSON.stringify(cue.url)}) -${x}px -${y}px no-repeat`;
  }

  return (time) => {
    wanted = time;
    if (time !== null) ask();
    draw();
  };
}
