/** podwire doctor asks other nodes through the network as it is. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { ClusterBed, introduce, joinCluster, type Member } from "../../support/cluster/lan.ts";
import type { Agent } from "../../support/node/agent.ts";
import type { ReportedFinding } from "../../support/node/doctor-node.ts";
import { PODWIRE } from "../../support/node/node.ts";

let bed: ClusterBed;
let near: Member;
let beside: Member;
const agents: Agent[] = [];

beforeEach(async () => {
  bed = await ClusterBed.create();
  near = await bed.join("lan");
  beside = await bed.join("lan");
  await bed.join("far");
  introduce(bed.members);
  for (const member of bed.members) agents.push(await joinCluster(member));
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent[Symbol.asyncDispose]();
  await bed[Symbol.asyncDispose]();
});

function ways(): (readonly [string, string])[] {
  const { stdout } = near.node.run([PODWIRE, "doctor", "cluster", "--json"]);
  const findings: ReportedFinding[] = JSON.parse(stdout);
  return findings.filter(({ check }) => check === "ways").map(({ level, text }) => [level, text] as const);
}

const FAR = "node3 (10.244.3.0)";
const BESIDE = "node2 (192.168.1.12)";

test("nodes by a direct route and by a tunnel answer, the largest packets and TCP too", () => {
  expect(ways()).toEqual([["ok", "the largest packets pass to and from 2 other nodes"]]);
});

const router = (rule: string) => () =>
  bed.router.sh(`nft 'table inet wall { chain f { type filter hook forward priority 0; ${rule} drop; }; }'`);

test.for([
  [
    "UDP to the VXLAN port",
    router("udp dport 8472"),
    "warning",
    `no answer through the tunnel (vxlan) from ${FAR}`,
  ],
  [
    "large packets",
    router("udp dport 8472 meta length > 1400"),
    "fault",
    `packets of 1430 bytes do not pass to node ${FAR}, smaller ones do`,
  ],
  [
    "TCP",
    () =>
      beside.node.sh(
        "nft 'table inet wall { chain i { type filter hook input priority 0; meta l4proto tcp drop; }; }'",
      ),
    "warning",
    `TCP is not answered by ${BESIDE}, UDP is`,
  ],
] as const)("something between the nodes drops %s", ([, drop, level, text]) => {
  drop();
  expect(ways()).toEqual([[level, text]]);
});

test("a node beside this one that keeps silent is no fault: its firewall may", () => {
  beside.node.sh(
    "nft 'table inet wall { chain i { type filter hook input priority 0; ip saddr 192.168.1.11 drop; }; }'",
  );
  expect(ways()).toEqual([
    ["ok", `no answer from ${BESIDE}: a firewall there may keep silent, or the node is down`],
  ]);
});
