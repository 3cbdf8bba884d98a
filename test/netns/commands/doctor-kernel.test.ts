/** `podwire doctor kernel`: features as ip(8), tc(8) and nft(8) find them, and who asks for what is not there. */

import { expect, test } from "vitest";
import { createServingNode, report } from "../../support/node/doctor-node.ts";
import { CONFLIST } from "../../support/node/install.ts";
import { Node } from "../../support/node/node.ts";

/** How another program would use each. */
const FEATURES = [
  ["bridges", "ip link add x type bridge"],
  ["veth pairs", "ip link add x type veth peer name y"],
  [
    "nf_tables with NAT",
    "nft 'add table inet x; add chain inet x c { type nat hook postrouting priority 100; }; add rule inet x c masquerade'",
  ],
  [
    "nf_tables on bridges",
    "nft 'add table bridge x; add chain bridge x c { type filter hook prerouting priority 0; }'",
  ],
  [
    "VLAN filtering by bridges",
    "ip link add x type bridge vlan_filtering 1 && bridge vlan add dev x vid 2 self",
  ],
  ["token buckets", "tc qdisc add dev lo root tbf rate 1mbit burst 10k latency 50ms"],
  ["ifb devices", "ip link add x type ifb"],
  [
    "classes of rates",
    "tc qdisc add dev lo root handle 1: htb && tc class add dev lo parent 1: classid 1:1 htb rate 1mbit",
  ],
  ["macvlan interfaces", "ip link add y type veth peer name z && ip link add x link y type macvlan"],
  ["interfaces of VLANs", "ip link add y type veth peer name z && ip link add x link y type vlan id 2"],
] as const;

test.for(FEATURES)("doctor has %s exactly where other programs have them", async ([title, script]) => {
  await using node = await Node.create();
  const [features] = report(node, "kernel").filter(
    ({ check, level }) => check === "features" && level === "ok",
  );
  expect(features?.details.includes(title)).toBe(node.run(["sh", "-c", script]).exitCode === 0);
});

test("doctor leaves no namespace and no interface behind when it has tried the kernel", async () => {
  await using node = await Node.create();
  const linksOf = () => node.sh("ip -o link; cat /proc/sys/net/ipv4/conf/*/forwarding");
  const before = linksOf();
  report(node, "kernel");
  expect(linksOf()).toBe(before);
});

test("doctor finds a fault with the field when a configuration asks for what the kernel has not", async () => {
  await using node = await createServingNode();
  const isThere = node.run(["ip", ..."link add x type bridge vlan_filtering 1".split(" ")]).exitCode === 0;
  node.sh(`sed -i 's/"type": "podwire"/"type": "podwire", "vlan": 7/' ${CONFLIST}`);
  const faults = report(node, "kernel").filter(({ level }) => level === "fault");
  expect(faults.map(({ details }) => details)).toEqual(
    isThere ? [] : [[`asked for by "vlan" in plugins[0] of ${CONFLIST}`]],
  );
});

test("doctor finds a fault with the network when one by name asks for what the kernel has not", async () => {
  await using node = await createServingNode();
  const makeVlan = "ip link add y type veth peer name z && ip link add x link y type vlan id 2";
  const isThere = node.run(["sh", "-c", makeVlan]).exitCode === 0;
  const range = { subnet: "10.9.0.0/24", start: "10.9.0.10", end: "10.9.0.20" };
  const network = { ranges: [range], vlan: 5, attach: { kind: "macvlan", uplink: "eth0" } };
  node.sh(`mkdir -p /etc/cni/net.d/podwire.d/networks
    echo '${JSON.stringify(network)}' > /etc/cni/net.d/podwire.d/networks/lan.json`);
  const faults = report(node, "kernel").filter(({ level }) => level === "fault");
  expect(faults.map(({ details }) => details)).toEqual(isThere ? [] : [['asked for by network "lan"']]);
});
