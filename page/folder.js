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
  const base = new URL(manifest.webkitRelativePath, "folder:///");
  const held = (key, value) => {
    if (key !== "url" || typeof value !== "string") return value;
    const file = byPath.get(decodeURIComponent(new URL(value, base).pathname.slice(1)));
    return file ? URL.createObjectURL(file) : value;
  };
  return new Response(JSON.stringify(JSON.parse(await manifest.text(), held)));
}
