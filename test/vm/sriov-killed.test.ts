/** ADD and DEL of a pod on a virtual function, killed or refused at each of their changes: what comes next sets all right. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { CHANGING, type Change, changesIn } from "../support/changes.ts";
import { type PodCall, SriovNode } from "../support/sriov.ts";
import { observe } from "../support/sriov-facts.ts";

const MAC = "02:00:00:00:00:99";
/** A pod that changes all that it can. */
const POD: PodCall = {
  pod: "c1",
  wishes: [{ network: "web", perfTier: "limited" }],
  runtimeConfig: { mac: MAC },
  conf: { txQLen: 50 },
};
const LOG = "/run/strace.log";

let node: SriovNode;
beforeAll(async () => {
  node = await SriovNode.create({ vfs: [2, 0] });
  await node.network("web", { vlan: 120, mtu: 1450, attach: { spoofchk: false, trust: true } });
  await node.network("db", { vlan: 130 });
  await node.tier("limited", { max: 200 });
});
afterEach(() => node.expectEmpty());

type Verb = "ADD" | "DEL";

/** What is there before the call. */
function beginning(verb: Verb): string {
  return `ip netns add c1\n${verb === "DEL" ? `( ${node.line("ADD", POD)}) > /dev/null` : ""}`;
}

function traced(verb: Verb, options: string): string {
  return node.line(verb, { ...POD, wrapper: `strace -f -qq -s 200 -o ${LOG} ${options}` });
}

/** Those of a call that nobody disturbs. */
async function listChanges(verb: Verb): Promise<Change[]> {
  const whole = traced(verb, `-e trace=${CHANGING}`);
  const log = await node.vm.sh(
    `${beginning(verb)}\n( ${whole}${node.line("DEL", POD)}) > /dev/null; ip netns del c1; cat ${LOG}`,
  );
  return changesIn(log);
}

interface Fault {
  readonly verb: Verb;
  /** For strace: what befalls the call at its first, second, … change. */
  readonly effect: string;
  /** Shell lines that follow, and print what they complain of. */
  readonly next: string;
}

/** Gives what was left, or complained of, after a fault at each change. */
async function failuresOf({ verb, effect, next }: Fault) {
  const changes = await listChanges(verb);
  const failures: object[] = [];
  for (const { syscall, nth, text } of changes) {
    const faulty = traced(verb, `-e trace=${syscall} -e inject=${syscall}:${effect}:when=${nth}`);
    const printed = await node.vm.sh(`${beginning(verb)}
      ( ${faulty}) > /dev/null 2>&1 || true
      ( set -e; ${next}\n) 2>&1 || echo failed
      ip netns del c1; echo @@@; ${observe}`);
    const [complaints, facts = ""] = printed.split("@@@\n");
    const left = node.compare(facts);
    if (complaints !== "" || left.length > 0) failures.push({ at: text, complaints, left });
    if (left.length > 0) await node.expectEmpty().catch(() => undefined); // the next one starts anew
  }
  expect(changes.length).toBeGreaterThanOrEqual(verb === "ADD" ? 16 : 12);
  return failures;
}

const KILL = "signal=KILL";
const VERBS = ["ADD", "DEL"] as const;
/** Each is some thirty calls and more. */
const TIMEOUT_MS = 600_000;

test.each(VERBS)(
  "DEL leaves nothing when %s was killed before any of its changes",
  async (verb) => {
    const next = node.line("DEL", POD);
    expect(await failuresOf({ verb, effect: KILL, next })).toEqual([]);
  },
  TIMEOUT_MS,
);

test.each(VERBS)(
  "GC leaves nothing when %s was killed before any of its changes",
  async (verb) => {
    const next = node.line("GC", { pod: "", conf: { "cni.dev/valid-attachments": [] } });
    expect(await failuresOf({ verb, effect: KILL, next })).toEqual([]);
  },
  TIMEOUT_MS,
);

/** What ip shows of the other pod's function, whichever it is. */
const CLEAN = `"vlan_list":[{"vlan":130}],"rate":{"max_tx":0,"min_tx":0},"spoofchk":true,"link_state":"auto","trust":false`;

test.each(VERBS)(
  "ADD gives another pod a clean function when %s was killed before any of its changes",
  async (verb) => {
    const other = { pod: "c2", wishes: ["db"] };
    const next = `ip netns add c2; ( ${node.line("ADD", other)}) > /tmp/result
      mac=$(ip netns exec c2 cat /sys/class/net/eth0/address)
      ip -j link show eth0 | grep -qF '"address":"'$mac'","broadcast":"ff:ff:ff:ff:ff:ff",${CLEAN}' || ip link show eth0
      ip -n c2 link show eth0 | grep -q 'mtu 1500 .* qlen 1000' || ip -n c2 link show eth0
      [ $mac != ${MAC} ] || echo "it has the other pod's MAC"
      ( ${node.line("DEL", other)}); ip netns del c2
      ${node.line("DEL", POD)}`;
    expect(await failuresOf({ verb, effect: KILL, next })).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "DEL forgets nothing when any of its changes is refused, and the next one finishes",
  async () => {
    const next = `ls /run/podwire/mynet/c1:eth0.json > /dev/null\n${node.line("DEL", POD)}`;
    expect(await failuresOf({ verb: "DEL", effect: "error=EIO", next })).toEqual([]);
  },
  TIMEOUT_MS,
);
