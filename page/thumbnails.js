// Pictures for the seek bar.

/** Reads the file that names them; what does that is fetched with the first. */
export async function readThumbnails(bytes) {
  return (await import("../thumbnails.js")).thumbnails(bytes);
}

/** Shows the picture of a time in `image`, once there are pictures; `null` hides it. */
export function thumbnails(player, image) {
  let wanted = null;

  function draw(thumbnail) {
    image.hidden = !thumbnail;
    if (!thumbnail) return;
    const { url, x, y, width, height } = thumbnail;
    image.style.width = `${width ?? 160}px`;
    image.style.height = `${height ?? 90}px`;
    image.style.background = `url(${JSON.stringify(url)}) -${x}px -${y}px no-repeat`;
  }

  return async (time) => {
    wanted = time;
    // What names the pictures comes when somebody first points at the seek bar, not before the film.
    const thumbnail = time === null ? null : await player.thumbnailAt(time).catch(() => null);
    if (time === wanted) draw(thumbnail);
  };
}
