/** Who can reach whom right after ADD returned: one packet, no second try. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { attach, DUAL_STACK } from "../../support/pod/attachment.ts";

const conf = { isDefaultGateway: true, ipam: DUAL_STACK };
const once = "ping -c 1 -W 1";

const paths = [
  { name: "the node reaches the pod over IPv4", command: `${once} 10.1.0.2` },
  { name: "the node reaches the pod over IPv6", command: `${once} fd00:1::2` },
  { name: "the pod reaches its gateway over IPv4", command: `ip netns exec c1 ${once} 10.1.0.1` },
  { name: "the pod reaches its gateway over IPv6", command: `ip netns exec c1 ${once} fd00:1::1` },
];

test.for(paths)("ADD() is complete: $name when it returns", async ({ command }) => {
  await using node = await Node.create();
  attach(node, { conf });
  expect(node.sh(command)).toContain("1 received");
});

test.for(["10.1.0.2", "fd00:1::2"])(
  "ADD() lets a new pod reach an older one at %s when it returns",
  async (to) => {
    await using node = await Node.create();
    attach(node, { conf });
    attach(node, { conf, containerId: "c2" });
    expect(node.sh(`ip netns exec c2 ${once} ${to}`)).toContain("1 received");
  },
);

test.for(["10.1.0.3", "fd00:1::3"])(
  "ADD() lets an older pod reach a new one at %s when it returns",
  async (to) => {
    await using node = await Node.create();
    attach(node, { conf });
    attach(node, { conf, containerId: "c2" });
    expect(node.sh(`ip netns exec c1 ${once} ${to}`)).toContain("1 received");
  },
);

const OTHER = {
  name: "other",
  bridge: "br1",
  isDefaultGateway: true,
  ipam: { type: "host-local", ranges: [[{ subnet: "10.2.0.0/16" }], [{ subnet: "fd00:2::/64" }]] },
};

test.for(["10.2.0.2", "fd00:2::2"])(
  "ADD() makes the node forward to another network's pod at %s",
  async (to) => {
    await using node = await Node.create();
    attach(node, { conf });
    attach(node, { conf: OTHER, containerId: "c2" });
    expect(node.sh(`ip netns exec c1 ${once} ${to}`)).toContain("1 received");
  },
);

test("ADD() announces a reused address when a neighbour still knows the old pod's MAC", async () => {
  await using node = await Node.create();
  attach(node, { conf: { runtimeConfig: { mac: "c2:00:00:00:00:01" }, ...conf } });
  node.sh(`ip link set cni0 type bridge ageing_time 0; ${once} 10.1.0.2`);
  node.sh("ip -n c1 link del eth0; rm -r /run/podwire/mynet /var/lib/cni/networks/mynet");
  attach(node, { conf: { runtimeConfig: { mac: "c2:00:00:00:00:02" }, ...conf }, containerId: "c2" });
  expect(node.sh(`${once} 10.1.0.2`)).toContain("1 received");
});
