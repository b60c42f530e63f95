// A name and a password in the page's address are in those of its scripts, too, and no browser fetches from such a one.
export function plain(url) {
  url.username = url.password = "";
  return url;
}
