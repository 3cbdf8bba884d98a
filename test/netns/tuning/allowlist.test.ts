/** Tuning: the node's list of kernel parameters that pods may set. */

import { expect, test } from "vitest";
import { remains } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

/** What ADD answers, with what it left. */
function refusalOf(node: Node, conf: object) {
  ensurePod(node);
  const { exitCode, json } = call(node, "ADD", { conf: { ...MYNET, ...conf } });
  const isBridgeLeft = node.sh("ip -br link").includes("cni0");
  return { exitCode, ...json, left: remains(node), isBridgeLeft };
}

const untouched = { exitCode: 1, left: [], isBridgeLeft: false };

/** Gives the node a list of allowed parameters, in an /etc of its own. */
function allow(node: Node, ...lines: readonly string[]): void {
  node.sh(`cp -a /etc /run/etc; mount --bind /run/etc /etc; mkdir -p /etc/cni/tuning
    printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} > /etc/cni/tuning/allowlist.conf`);
}

const key = "net.ipv4.conf.IFNAME.rp_filter";
const allowed = [
  { name: "the name", lines: ["net.ipv4.conf.IFNAME.rp_filter"] },
  { name: "a part of the name", lines: ["rp_f"] },
  { name: "an anchored pattern", lines: ["^net\\.ipv4\\.conf\\.IFNAME\\.[a-z_]*$"] },
  { name: "the second of two lines", lines: ["^net\\.core\\.", "", "rp_filter$"] },
  { name: "a line with blanks around it", lines: ["  rp_filter  "] },
];

test.for(allowed)("ADD() sets the parameter when the node's list has $name", async ({ lines }) => {
  await using node = await Node.create();
  allow(node, ...lines);
  attach(node, { conf: { ...MYNET, sysctl: { [key]: "2" } } });
  expect(node.sh("ip netns exec c1 cat /proc/sys/net/ipv4/conf/eth0/rp_filter")).toBe("2\n");
});

const refused = [
  { name: "is empty", lines: [""] },
  { name: "has other names", lines: ["^net\\.core\\.", "arp_filter"] },
  { name: "has a pattern for the beginning alone", lines: ["^rp_filter"] },
];

test.for(refused)(
  "ADD() fails with code 7 and changes nothing when the node's list $name",
  async ({ lines }) => {
    await using node = await Node.create();
    allow(node, ...lines);
    const refusal = refusalOf(node, { sysctl: { [key]: "2" } });
    expect(refusal).toMatchObject({ ...untouched, code: 7, msg: expect.stringContaining(key) });
  },
);

test("ADD() names each parameter that the node's list has not when some are allowed", async () => {
  await using node = await Node.create();
  allow(node, "^net\\.core\\.");
  const sysctl = { "net.core.somaxconn": "517", "net.ipv4.tcp_sack": "0", "net.ipv4.tcp_ecn": "1" };
  const { msg } = refusalOf(node, { sysctl });
  expect(msg).toMatch(/net\.ipv4\.tcp_sack.*net\.ipv4\.tcp_ecn/);
  expect(msg).not.toContain("somaxconn");
});

test("ADD() needs no line of the node's list when no parameter is asked for", async () => {
  await using node = await Node.create();
  allow(node, "");
  expect(attach(node, { conf: { ...MYNET, promisc: true } }).ips).toHaveLength(2);
});
