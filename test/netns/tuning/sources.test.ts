/** Tuning: which source counts where several ask for a MAC address, a kernel parameter or a setting. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

/** A kernel parameter as the pod has it. */
function sysctlOf(node: Node, key: string, pod = "c1"): string {
  return node.sh(`ip netns exec ${pod} cat /proc/sys/net/${key}`).trim().replaceAll(/\s+/g, " ");
}

const MACS = {
  runtime: "02:00:00:00:00:01",
  user: "02:00:00:00:00:02",
  argument: "02:00:00:00:00:03",
  configuration: "02:00:00:00:00:04",
};

const macs = [
  { name: "the configuration", sources: ["configuration"], mac: MACS.configuration },
  { name: "CNI_ARGS", sources: ["argument", "configuration"], mac: MACS.argument },
  { name: "args.cni", sources: ["user", "argument", "configuration"], mac: MACS.user },
  { name: "the runtime", sources: ["runtime", "user", "argument", "configuration"], mac: MACS.runtime },
];

test.for(macs)("ADD() takes the MAC of $name when no higher source has one", async ({ sources, mac }) => {
  await using node = await Node.create();
  const has = (source: string) => sources.includes(source);
  const conf = {
    ...MYNET,
    ...(has("configuration") ? { mac: MACS.configuration } : {}),
    ...(has("user") ? { args: { cni: { mac: MACS.user } } } : {}),
    ...(has("runtime") ? { runtimeConfig: { mac: MACS.runtime } } : {}),
  };
  const { interfaces } = attach(node, { conf, ...(has("argument") ? { args: `MAC=${MACS.argument}` } : {}) });
  expect([linkOf(node, "eth0", "c1").address, interfaces[2].mac]).toEqual([mac, mac]);
});

test("ADD() prefers args.cni when the configuration has the same settings", async () => {
  await using node = await Node.create();
  const key = "net.core.somaxconn";
  const own = {
    sysctl: { [key]: "517", "net.ipv4.tcp_sack": "0" },
    promisc: true,
    allmulti: false,
    txQLen: 77,
  };
  const cni = { sysctl: { [key]: "519" }, promisc: false, allmulti: true, txQLen: 78 };
  attach(node, { conf: { ...MYNET, ...own, args: { cni } } });
  const { flags, txqlen } = linkOf(node, "eth0", "c1");
  expect([sysctlOf(node, "core/somaxconn"), sysctlOf(node, "ipv4/tcp_sack"), txqlen]).toEqual([
    "519",
    "0",
    78,
  ]);
  expect(flags).toContain("ALLMULTI");
  expect(flags).not.toContain("PROMISC");
});

test("ADD() takes the settings of args.cni when the configuration has none", async () => {
  await using node = await Node.create();
  const cni = { sysctl: { "net.core.somaxconn": "519" }, promisc: true, allmulti: true, txQLen: 78 };
  attach(node, { conf: { ...MYNET, args: { cni } } });
  const { flags, txqlen } = linkOf(node, "eth0", "c1");
  expect([sysctlOf(node, "core/somaxconn"), txqlen]).toEqual(["519", 78]);
  expect(flags).toEqual(expect.arrayContaining(["ALLMULTI", "PROMISC"]));
});
