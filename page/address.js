// What people type, paste and drop, as the address of a manifest.

/** An address that says itself that it is one, or null: words are none, though a URL parser would make paths of them. */
export function plainAddress(text) {
  const first = text.trim().split(/\s*\n/, 1)[0];
  return /^(https?:\/\/|\/|\.\.?\/)\S+$/i.test(first) ? absolute(first) : null;
}

/** What is typed where an address belongs: also a host without its scheme, and a path below this page. */
export function typedAddress(text) {
  const typed = text.trim();
  if (!typed) return null;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(typed)) return /^https?:/i.test(typed) ? manifest(absolute(typed)) : null;
  return manifest(absolute(isHost(typed.split(/[/?#]/, 1)[0]) ? `${scheme(typed)}//${typed}` : typed));
}

// Names of files, which have a dot as hosts do.
const FILE = /\.(json|m3u8|mpd|mp4|html?)$/i;

function isHost(segment) {
  return /^(\[[0-9a-f:.]+\]|localhost|[^\s:]+\.[^\s:.]+)(:\d+)?$|^[\w-]+:\d+$/i.test(segment) && !/^\.|\.$/.test(segment) && !FILE.test(segment);
}

/** A machine that has no certificate is rarely reached over https, and a page over https may ask no other. */
function scheme(typed) {
  const isNear = /^(localhost|\[|\d+\.\d+\.\d+\.\d+|[\w-]+:\d)/i.test(typed);
  return isNear ? location.protocol : "https:";
}

/** In a directory, and on a host without a path, the manifest has the name that the splitter gives it. */
function manifest(address) {
  if (!address) return null;
  const url = new URL(address);
  if (url.pathname === "/") url.pathname = "/media/current/manifest.json";
  else if (url.pathname.endsWith("/")) url.pathname += "manifest.json";
  return url.href;
}

function absolute(text) {
  try {
    const url = new URL(text, document.baseURI);
    // A link to a page like this one, with the film in it.
    const shared = new URLSearchParams(url.hash.slice(1)).get("src");
    if (shared && /^https?:$/.test(url.protocol)) return new URL(shared, url).href;
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
