/** Pods of named networks past other programs' chains: bridged frames go through these where bridge-nf-call-iptables is 1. */

import { expect, test } from "vitest";
import { acceptingRulesOf, dropForwarded, ONCE } from "../../support/kernel/forward-chains.ts";
import { FIRST4, Segment } from "../../support/pod/segment.ts";

const WISHES = [{ network: "web" }];
const BRIDGE = "pw-eth1";

/** A node on which Docker drops what is forwarded, bridged frames too. */
async function createSegment(): Promise<Segment> {
  const segment = await Segment.create();
  dropForwarded(segment.node);
  segment.node.sh("sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1");
  return segment;
}

function isReached({ gateway }: Segment): boolean {
  return gateway.run(["ping", "-c", "1", "-W", "1", FIRST4]).exitCode === 0;
}

test.for([
  [true, "forward is set", { forward: true }],
  [false, "forward is not set", {}],
] as const)(
  "a pod on a network by name is reached: %s, when frames are dropped and %s",
  async ([isOpen, , conf]) => {
    await using segment = await createSegment();
    segment.attach({ wishes: WISHES, conf });
    expect(isReached(segment)).toBe(isOpen);
    expect(acceptingRulesOf(segment.node, BRIDGE)).toEqual(isOpen ? ONCE(BRIDGE) : []);
  },
);

test("DEL() of the last pod on a network by name takes the rules along when forward was set", async () => {
  await using segment = await createSegment();
  const call = { wishes: WISHES, conf: { forward: true } };
  segment.attach(call);
  segment.attach({ ...call, containerId: "c2" });
  segment.call("DEL", call);
  expect(acceptingRulesOf(segment.node, BRIDGE)).toEqual(ONCE(BRIDGE));
  segment.call("DEL", { ...call, containerId: "c2" });
  expect(acceptingRulesOf(segment.node, BRIDGE)).toEqual([]);
});
