// Watching together: a room, its link, who is there. What it takes is fetched by whoever opens or joins one.

import { copy } from "./copy.js";
import { giveWay } from "./give-way.js";
import { called, clock, drift } from "./words.js";
import { inFragment, putInFragment } from "./fragment.js";
import { settings, remember } from "./settings.js";
import { show } from "./status.js";

const element = (id) => document.getElementById(id);
const [stage, card, form, name, go, room, status, notice, link, code, list, resync, leave, gate, gateName] = [
  "stage", "together", "together-form", "together-name", "together-go", "together-room", "together-status", "together-notice",
  "together-link", "together-code", "together-members", "together-resync", "together-leave", "gate", "gate-name",
].map(element);
const BEHIND_GATE = ["controls", "unmute", "retry"].map(element);

const ROOM = /^[\w-]{22,64}$/;
const TOLD = 1000; // milliseconds between two looks at who is where

/** A name that nobody can guess: 16 random bytes in base64url. */
function unguessable() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function together(player, video) {
  let party = null;
  let rules;
  let ticking;
  let isJoining = false;
  let wanted = invited();

  async function join() {
    if (isJoining) return;
    isJoining = true;
    wanted ??= unguessable();
    remember({ name: name.value });
    say("Joining…");
    try {
      const [{ default: start, Member }, { Party }, { roomRules }] = await Promise.all([
        import("../watchparty-party-module.js"),
        import("../together/party.js"),
        import("./room-rules.js"),
      ]);
      await start();
      party = new Party(Member, player, video, wanted, { name: name.value });
      rules = roomRules((action) => party.command(action), say);
    } catch (error) {
      return say(`What watches together could not be fetched (${error.message}). Try again.`);
    } finally {
      isJoining = false;
    }
    player.party = party;
    putInFragment("room", wanted);
    link.value = invitation();
    card.open = true;
    showGate(false);
    giveWay(form, room, link);
    listen();
    draw();
    picture();
  }

  function listen() {
    const tell = {
      joined: () => {
        say("You are in.");
        showNotice(false);
      },
      lost: ({ again, why }) => {
        showNotice(true);
        say(`${why === "full" ? "The room is full." : "The room does not answer."} Trying again in ${Math.ceil(again / 1000)} s…`);
      },
      ended: ({ why }) => end(why),
      following: ({ following }) => say(following ? "You are with the others." : "You watch at your own pace; the others go on."),
      blocked: ({ blocked }) => (blocked ? show("blocked", "Press play to watch with the others.") : show("ready")),
      "other-content": () => say("The others watch another cut of the film. Reload the page to watch it, too."),
      refused: ({ why }) => {
        rules.restore();
        draw();
        say(why === "not-allowed" ? "Only the host may do that for all." : "That did not reach the others.");
      },
    };
    for (const [event, told] of Object.entries(tell)) party.addEventListener(event, ({ detail }) => told(detail));
    for (const event of ["members", "following", "joined", "lost"]) party.addEventListener(event, draw);
    party.addEventListener("changed", ({ detail }) => {
      draw();
      const words = doing(detail, party.members);
      if (words) say(words);
    });
    ticking = setInterval(draw, TOLD);
  }

  function end(why) {
    clearInterval(ticking);
    party = player.party = null;
    wanted = null;
    go.textContent = "Open a room";
    putInFragment("room", null);
    giveWay(room, form, go);
    showNotice(false);
    const words = {
      left: "You have left the room.",
      replaced: "You watch in this room in another tab now.",
      forbidden: "The room does not let you in.",
    };
    say(words[why] ?? "The room has ended. Reload the page to come back.");
  }

  function draw() {
    if (!party) return;
    list.replaceChildren(...party.members.filter(({ present }) => present).map(line));
    resync.textContent = party.following ? "Catch up now" : "Follow the others again";
    rules.draw(party);
  }

  function line(member) {
    const item = document.createElement("li");
    const part = (kind, text) => {
      const span = document.createElement("span");
      span.className = kind;
      span.textContent = text;
      item.append(span, " ");
    };
    part("who", called(member) + (member.me ? " (you)" : "") + (member.host ? ", host" : ""));
    part("what", activity(member, party.state));
    part("where", member.position === null ? "" : clock(member.position));
    part("drift", member.drift === null || member.activity !== "playing" ? "" : drift(member.drift));
    item.dataset.activity = member.activity;
    item.toggleAttribute("data-late", member.late);
    return item;
  }

  async function picture() {
    try {
      const { default: start, square } = await import("../watchparty-qr-module.js");
      await start();
      code.innerHTML = square(link.value);
      code.hidden = false;
    } catch {
      code.hidden = true; // The link is there.
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    join();
  });
  gate.addEventListener("submit", async (event) => {
    event.preventDefault();
    // The click lets the film play with sound.
    video.muted = false;
    name.value = gateName.value;
    await join();
    stage.querySelector("#play").focus();
  });
  element("together-copy").addEventListener("click", async () => {
    if (await copy(link.value)) return say("The link is copied. Whoever has it can watch with you.");
    link.focus();
    link.select();
    say("The browser does not allow copying. The link is selected: copy it yourself.");
  });
  resync.addEventListener("click", () => (party.following ? party.resync() : party.follow()));
  leave.addEventListener("click", () => party.leave());

  // Another invitation, opened in a tab that has the page already.
  addEventListener("hashchange", () => {
    const room = invited();
    if (!room || room === wanted) return;
    party?.leave();
    wanted = room;
    putInFragment("room", wanted);
    go.textContent = "Join";
    player.pause();
    showGate(true);
    card.open = true;
  });

  name.value = gateName.value = settings.name ?? "";
  showGate(Boolean(wanted));
  if (wanted) go.textContent = "Join";
  card.open = Boolean(wanted);
  return {
    /** Whether somebody was invited, and has not come in yet: the film waits for that. */
    get isWaiting() {
      return !gate.hidden;
    },
    get isIn() {
      return party !== null;
    },
  };
}

/** The room of the page's address. */
function invited() {
  const room = inFragment("room") ?? "";
  return ROOM.test(room) ? room : null;
}

// A name and a password are not for others.
function invitation() {
  const here = new URL(document.URL);
  here.username = here.password = "";
  return here.href;
}

/** While the invitation is there, nothing behind it can be reached, nor by the keys of `keyboard.js`. */
function showGate(isOpen) {
  gate.hidden = !isOpen;
  for (const part of BEHIND_GATE) part.inert = isOpen;
  if (isOpen) gateName.focus();
}

function showNotice(isShown) {
  notice.toggleAttribute("data-shown", isShown);
}

// The card may be closed, or behind a full screen: screen readers have it from the notice on the film.
function say(text) {
  status.textContent = notice.textContent = text;
}

function activity({ activity, late, awaited, ready }, state) {
  if (late) return "catching up";
  if (isForMore(state)) return "waiting for more of the film";
  if (state?.phase === "waiting") return awaited && !ready ? "loading; the others wait" : "ready";
  return { playing: "watching", holding: "paused", buffering: "loading", blocked: "has to press play", apart: "at an own pace", elsewhere: "no film yet" }[activity];
}

/** Whether all wait for more of a film that still goes up. */
const isForMore = (state) => state?.phase === "waiting" && state.until === null;

function doing(state, members) {
  const { cause, by, position, rate } = state;
  const member = members.find(({ id }) => id === by);
  const who = member?.me ? "You" : by === undefined ? "" : called(member ?? { id: by });
  const words = {
    play: `${who} pressed play.`,
    pause: `${who} paused.`,
    seek: `${who} went to ${clock(position)}.`,
    rate: `${who} changed the speed to ${rate}×.`,
    stall: isForMore(state) ? "No more of the film is there yet; everybody waits." : "Somebody's film is still loading; everybody waits.",
    ready: "Everybody is ready.",
    deadline: "The film goes on; who is still loading will catch up.",
  };
  return words[cause] ?? "";
}
