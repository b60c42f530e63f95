// Where films come from: the form, and whatever is dropped or pasted.

import { plainAddress, typedAddress } from "./address.js";
import { filmIn } from "./folder.js";

const stage = document.getElementById("stage");

/** Calls `open(source, address)`; a file has no address. Files of captions go to `captions`. */
export function listenForSources(captions, open) {
  const form = document.querySelector("#open form");
  const field = document.getElementById("address");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = typedAddress(field.value);
    field.setCustomValidity(address ? "" : "This is no address of a manifest.");
    if (address) open(address, address);
    else form.reportValidity();
  });
  field.addEventListener("input", () => field.setCustomValidity(""));

  const folder = document.getElementById("folder");
  folder.addEventListener("change", async () => {
    const film = await filmIn(folder.files).catch(() => null);
    folder.setCustomValidity(film ? "" : "There is no film in this folder: it has no manifest.");
    if (film) open(film, null);
    else folder.reportValidity();
  });

  addEventListener("paste", (event) => {
    if (event.target.matches?.("input, textarea")) return;
    const address = plainAddress(event.clipboardData.getData("text/plain"));
    if (address) open(address, address);
  });

  const dropping = (on) => stage.toggleAttribute("data-dropping", on);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    dropping(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) dropping(false);
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    dropping(false);
    const { files } = event.dataTransfer;
    const address = plainAddress(event.dataTransfer.getData("text/uri-list") || event.dataTransfer.getData("text/plain"));
    // The addresses in a file are taken relative to this page.
    if (files.length && captions.isCaptions(files[0])) captions.side(files[0]);
    else if (files.length) open(new Response(files[0]), null);
    else if (address) open(address, address);
  });
}
