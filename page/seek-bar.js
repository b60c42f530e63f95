// The seek bar: a range input, and behind it a canvas with what is buffered and where chunks and chapters begin.

import { chapterAt } from "./chapters.js";
import { marks } from "./film-shape.js";
import { thumbnails } from "./thumbnails.js";
import { clock, spoken } from "./words.js";

const bar = document.getElementById("seek-bar");
const input = document.getElementById("seek");
const hint = document.getElementById("seek-hint");
const hintTime = document.getElementById("seek-hint-time");
const hintChapter = document.getElementById("seek-hint-chapter");
const canvas = document.getElementById("seek-marks");
const controls = document.getElementById("controls");
const stage = document.getElementById("stage");
const now = document.getElementById("now");
const length = document.getElementById("length");

const THUMB = 16; // pixels: the value 0 is half a thumb from the edge

export function seekBar(player, video) {
  let isDragging = false;
  let starts = [];
  const picture = thumbnails(player, document.getElementById("seek-hint-picture"));

  function tell() {
    // Nobody sees it; it is told anew when the controls come back.
    if (!stage.matches("[data-paused], [data-awake], :focus-within")) return;
    const duration = Number.isFinite(video.duration) ? video.duration : (player.duration ?? 0);
    const time = isDragging ? Number(input.value) : video.currentTime;
    input.disabled = !duration;
    input.max = duration;
    if (!isDragging) input.value = time;
    const chapter = chapterAt(player, time);
    input.setAttribute("aria-valuetext", `${spoken(time)} of ${spoken(duration)}${chapter && `, ${chapter}`}`);
    now.textContent = clock(time);
    length.textContent = clock(duration);
    draw(time, duration);
  }

  function draw(time, duration) {
    const { context, width, height } = prepare(canvas);
    if (!duration) return;
    const at = (seconds) => THUMB / 2 + (seconds / duration) * (width - THUMB);
    context.fillStyle = "rgb(255 255 255 / 50%)";
    for (let range = 0; range < video.buffered.length; range++) {
      const [from, to] = [at(video.buffered.start(range)), at(video.buffered.end(range))];
      context.fillRect(from, 0, to - from, height);
    }
    context.fillStyle = "#7db4ff";
    context.fillRect(0, 0, at(time), height);
    context.fillStyle = "#000";
    for (const start of starts) context.fillRect(Math.round(at(start)) - 1, 0, 2, height);
    // Chapters are gaps in the bar, wider than the marks of chunks.
    for (const { start } of player.film?.chapters ?? []) {
      if (start > 0) context.clearRect(Math.round(at(start)) - 2, 0, 4, height);
    }
  }

  const shapeChanged = () => {
    starts = player.film ? marks(player.film, player.duration ?? 0) : [];
    tell();
  };

  input.addEventListener("input", () => {
    isDragging = true;
    tell();
  });
  input.addEventListener("change", () => {
    isDragging = false;
    player.seek(Number(input.value), { origin: "user" });
  });
  bar.addEventListener("pointermove", (event) => {
    const { left, width } = bar.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left - THUMB / 2) / (width - THUMB)));
    hintTime.textContent = input.disabled ? "" : clock(share * Number(input.max));
    hintChapter.textContent = input.disabled ? "" : chapterAt(player, share * Number(input.max));
    picture(input.disabled ? null : share * Number(input.max));
    const edge = hint.offsetWidth / 2;
    hint.style.left = `${Math.min(width - edge, Math.max(edge, event.clientX - left))}px`;
  });
  bar.addEventListener("pointerleave", () => {
    hintTime.textContent = hintChapter.textContent = "";
    picture(null);
  });

  for (const event of ["timeupdate", "progress", "seeking", "seeked", "emptied"]) video.addEventListener(event, tell);
  for (const event of ["durationchange", "loadedmetadata"]) video.addEventListener(event, shapeChanged);
  new ResizeObserver(tell).observe(bar);
  controls.addEventListener("transitionrun", tell);
  player.addEventListener("buffer", tell);
  player.addEventListener("loaded", shapeChanged);
  shapeChanged();
}

/** A cleared canvas of as many pixels as it has on the screen, to be drawn on in CSS pixels. */
export function prepare(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
