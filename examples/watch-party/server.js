// A host's server, as many have it: Express for the page and the film, socket.io for what is said. The party is one line of it.

import { createServer } from "node:http";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import express from "express";
import { Server } from "socket.io";
import { watchParty } from "watchparty-player/party-server";

const { HOST = "127.0.0.1", PORT = 8080, MEDIA = "../../media/current" } = process.env;
const here = import.meta.dirname ?? dirname(fileURLToPath(import.meta.url));
const media = resolve(here, MEDIA);
const player = dirname(fileURLToPath(import.meta.resolve("watchparty-player")));

const app = express();
const server = createServer(app);
const party = watchParty(new Server(server));

// Chunks never change: their addresses hold the content id. The manifest beside them does.
const setHeaders = (response, file) => {
  const isManifest = dirname(file) === media;
  response.set("Cache-Control", isManifest ? "public, max-age=60, s-maxage=300" : "public, max-age=31536000, immutable");
};
app.use("/media/current", express.static(media, { setHeaders, cacheControl: false }));
app.use("/watchparty-player", express.static(player));
app.use(express.static(resolve(here, "page")));

server.listen(PORT, HOST, () => console.log(`The party is at http://${HOST}:${server.address().port}/`));

// Those who watch are told that it ends, and come back to the next one.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    party.close();
    setTimeout(() => process.exit(), 100);
  });
}
