// What holds in a room: who may command, whom it waits for, who is the host. All see it; the host can change it.

import { giveWay } from "./give-way.js";
import { awaited, called } from "./words.js";

const element = (id) => document.getElementById(id);
const [told, host, control, policy, heir, handOver] = [
  "together-rules", "together-host", "together-control", "together-policy", "together-heir", "together-hand-over",
].map(element);

const POLICIES = [
  { all: { limit: 5 } },
  { all: { limit: 10 } },
  { all: { limit: 30 } },
  { quorum: { percent: 50, limit: 10 } },
  "never",
];

/** `command` wants something for all, `say` tells what has changed. */
export function roomRules(command, say) {
  // What is drawn. Only what changes is drawn anew, so that nobody who is choosing is disturbed.
  let rules, hostId, others;
  let offered = [];

  function drawRules(state) {
    const now = words(state);
    if (now === rules) return;
    if (rules) say(now);
    told.textContent = rules = now;
    control.checked = state.control === "host";
    const waits = awaited(state.policy);
    offered = POLICIES.some((one) => awaited(one) === waits) ? POLICIES : [...POLICIES, state.policy];
    policy.replaceChildren(...offered.map((one) => new Option(awaited(one), "", false, awaited(one) === waits)));
  }

  function drawHost(members) {
    const [first, me] = [members.find((member) => member.host), members.find((member) => member.me)];
    if (hostId !== undefined && first && first.id !== hostId) say(`${first.me ? "You are" : `${called(first)} is`} the host now.`);
    hostId = first?.id ?? hostId;
    const isMine = Boolean(me?.host);
    if (isMine && host.hidden) giveWay(told, host, control);
    if (!isMine && told.hidden) giveWay(host, told, told);
  }

  function drawOthers(members) {
    const there = members.filter(({ me, present }) => present && !me);
    const now = JSON.stringify(there.map(({ id, name }) => [id, name]));
    if (now === others) return;
    others = now;
    const chosen = heir.value;
    heir.replaceChildren(new Option(there.length ? "Choose somebody" : "Nobody else is here", ""));
    heir.append(...there.map((member) => new Option(called(member), member.id, false, String(member.id) === chosen)));
  }

  heir.replaceChildren();
  control.onchange = () => command({ control: control.checked ? "host" : "anyone" });
  policy.onchange = () => command({ policy: offered[policy.selectedIndex] });
  handOver.onclick = () => (heir.value ? command({ host: Number(heir.value) }) : heir.focus());

  return {
    draw({ state, members }) {
      if (!state) return;
      drawRules(state);
      drawHost(members);
      drawOthers(members);
    },
    /** What was wanted does not happen: the fields are to show what holds. */
    restore() {
      rules = undefined;
    },
  };
}

function words({ control, policy }) {
  const who = control === "host" ? "Only the host plays, pauses and seeks." : "Everybody may play, pause and seek.";
  return `${who} The room waits for ${awaited(policy)}.`;
}
