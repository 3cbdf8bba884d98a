/** The rules of a crowd are those that the reference plugins write themselves. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { defaultDirectories } from "../contestant.ts";
import { trafficContestants } from "./contestant.ts";
import { addNamespaces, crowdPod } from "./crowd.ts";
import { LOADERS, rulesOf } from "./rules.ts";
import { TrafficSite } from "./site.ts";

/** The last one is on the second network. */
const PODS = [crowdPod(0), crowdPod(1), crowdPod(900)];
const references = trafficContestants(defaultDirectories()).filter(({ backend }) => backend !== undefined);

/** The whole ruleset as text, without what differs from run to run. */
function rulesetOf(node: Node): string {
  const iptables = node.sh("iptables-nft-save -t nat").replace(/^#.*\n/gm, "");
  const nftables = node.sh(
    "nft list table inet cni_plugins_masquerade && nft list table ip cni_hostport || true",
  );
  return iptables + nftables;
}

test.for(references)(
  "rulesOf() gives the rules that $name writes when it adds three pods",
  async (contestant) => {
    await using site = await TrafficSite.create(contestant);
    addNamespaces(site, PODS);
    for (const pod of PODS) await site.call("ADD", pod);
    const backend = contestant.backend ?? "iptables";
    const input = rulesOf(
      backend,
      PODS.map((pod) => ({ pod, address: site.addressOf(pod) })),
    );
    await using fresh = await Node.create();
    const loaded = fresh.run(LOADERS[backend], { input });
    expect(loaded).toMatchObject({ exitCode: 0, stderr: "" });
    expect(rulesetOf(fresh)).toBe(rulesetOf(site.node));
    expect(rulesetOf(fresh)).toContain("crowd900");
  },
);

test("trafficContestants() has both backends when the newest plugins are there", () => {
  const names = references.map(({ name }) => name);
  expect(names).toContainEqual(expect.stringMatching(/ iptables$/));
  expect(names).toContainEqual(expect.stringMatching(/ nftables$/));
});

test("crowdPod() goes to a second network when the first has 900 pods", () => {
  expect([899, 900].map((index) => crowdPod(index).network)).toEqual(["traffic", "traffic2"]);
});
