// Chapters: a menu that says which one is playing and goes to another, and keys for the next and the one before.

import { clock } from "./words.js";

const menu = document.getElementById("chapters");
const BACK = 3; // seconds into a chapter after which "the one before" is its own beginning

/** The index of the chapter at a time; -1 before the first. */
const indexAt = (chapters, time) => chapters.findLastIndex(({ start }) => start <= time + 1e-3);

/** The title of the chapter at a time, or its number; an empty text where there is none. */
export function chapterAt(player, time) {
  const chapters = player.film?.chapters ?? [];
  const index = indexAt(chapters, time);
  return index < 0 ? "" : title(chapters[index], index);
}

const title = (chapter, index) => chapter.title || `Chapter ${index + 1}`;

export function chaptersMenu(player, video, actions) {
  const chapters = () => player.film?.chapters ?? [];

  function fill() {
    const options = chapters().map((chapter, index) => new Option(`${title(chapter, index)} (${clock(chapter.start)})`, index));
    menu.replaceChildren(...options);
    menu.hidden = !options.length;
    follow();
  }

  function follow() {
    const index = String(indexAt(chapters(), video.currentTime));
    if (menu.value !== index && document.activeElement !== menu) menu.value = index;
  }

  function go(steps) {
    const index = indexAt(chapters(), video.currentTime);
    if (!chapters().length) return;
    const isInside = index >= 0 && video.currentTime - chapters()[index].start > BACK;
    const to = chapters()[index + (steps < 0 && isInside ? 0 : steps)];
    if (to) actions.seekTo(to.start);
    else if (steps < 0) actions.seekTo(0);
  }

  menu.addEventListener("change", () => actions.seekTo(chapters()[menu.value].start));
  menu.addEventListener("blur", follow);
  for (const event of ["timeupdate", "seeked"]) video.addEventListener(event, follow);
  for (const event of ["loaded", "state"]) player.addEventListener(event, fill);
  return { nextChapter: () => go(1), previousChapter: () => go(-1) };
}
