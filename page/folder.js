// A film in a folder of this machine: its manifest, with every address made one of a file that the browser holds.

const NAMES = ["manifest.json", "all.json"];

/** The manifest as an answer, or null where there is none among `files` (of an input with `webkitdirectory`). */
export async function filmIn(files) {
  const byPath = new Map([...files].map((file) => [file.webkitRelativePath, file]));
  const isManifest = (file) => NAMES.includes(file.name) || file.name.endsWith(".json");
  // The outermost, and of those the one that the splitter would have written.
  const depth = (file) => file.webkitRelativePath.split("/").length;
  const rank = (file) => depth(file) * NAMES.length + Number(file.name !== NAMES[0]);
  const manifest = [...files].filter(isManifest).sort((one, other) => rank(one) - rank(other))[0];
  if (!manifest) return null;
  const directory = manifest.webkitRelativePath.replace(/[^/]*$/, "");
  // Names may hold what has a meaning in addresses, such as # and %.
  const base = new URL(directory.split("/").map(encodeURIComponent).join("/"), "folder:///");
  const held = (key, value) => {
    if (key !== "url" || typeof value !== "string") return value;
    const file = byPath.get(named(value, base)) ?? byPath.get(directory + value);
    return file ? URL.createObjectURL(file) : value;
  };
  return new Response(JSON.stringify(JSON.parse(await manifest.text(), held)));
}

/** The path of the file that an address means, if it can be one. */
function named(address, base) {
  try {
    return decodeURIComponent(new URL(address, base).pathname.slice(1));
  } catch {
    return null;
  }
}
