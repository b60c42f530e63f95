// What stands behind the number sign of the page's address: a room, and a film whose address is a secret. A browser sends it to
// nobody, so that it is in no server's log and in no Referer.

export const inFragment = (name) => new URLSearchParams(location.hash.slice(1)).get(name);

/** Puts a value there, or takes it away with null; what else is there stays. */
export function putInFragment(name, value) {
  // A name and a password in the page's address stay: browsers let no script take them away.
  const here = new URL(document.URL);
  const others = here.hash.slice(1).split("&").filter((pair) => pair && !pair.startsWith(`${name}=`));
  // What a form would read otherwise; the rest stays as people know it.
  const pairs = value === null ? others : [`${name}=${value.replace(/[%+&#]/g, encodeURIComponent)}`, ...others];
  here.hash = pairs.join("&");
  history.replaceState(null, "", here);
}
