/** Tuning: CHECK passes after ADD, and names each setting that is another by now. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { attach, callWithResult } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

const conf = {
  ...MYNET,
  sysctl: {
    "net.core.somaxconn": "517",
    "net.ipv4.conf.IFNAME.rp_filter": "2",
    "net.ipv4.ip_local_port_range": "2000 3000",
  },
  promisc: true,
  allmulti: true,
  txQLen: 77,
  mac: "02:00:00:00:00:0A",
};

test("CHECK() passes after ADD when everything is tuned", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  const checked = callWithResult(node, "CHECK", result, { conf });
  expect(checked).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
});

test("CHECK() passes after ADD when the settings come from args.cni", async () => {
  await using node = await Node.create();
  const { sysctl, promisc, allmulti, txQLen, mac } = conf;
  const asked = { conf: { ...MYNET, args: { cni: { sysctl, promisc, allmulti, txQLen, mac } } } };
  const result = attach(node, asked);
  expect(callWithResult(node, "CHECK", result, asked)).toMatchObject({ exitCode: 0, stdout: "" });
});

const inPod = "ip netns exec c1 sysctl -qw";
const changes = [
  {
    name: "a parameter of the namespace",
    script: `${inPod} net.core.somaxconn=99`,
    names: "net.core.somaxconn",
  },
  {
    name: "a parameter of the interface",
    script: `${inPod} net.ipv4.conf.eth0.rp_filter=0`,
    names: "rp_filter",
  },
  {
    name: "a list of numbers",
    script: `${inPod} net.ipv4.ip_local_port_range="2000 3001"`,
    names: "ip_local_port_range",
  },
  { name: "promiscuous mode", script: "ip -n c1 link set eth0 promisc off", names: "promiscuous" },
  { name: "the multicast mode", script: "ip -n c1 link set eth0 allmulticast off", names: "multicast" },
  { name: "the queue's length", script: "ip -n c1 link set eth0 txqueuelen 78", names: "78" },
  { name: "the MAC", script: "ip -n c1 link set eth0 address 02:00:00:00:00:0b", names: "02:00:00:00:00:0b" },
];

test.for(changes)("CHECK() fails with code 102 and names it when $name is another", async (row) => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  node.sh(row.script);
  const checked = callWithResult(node, "CHECK", result, { conf });
  expect([checked.exitCode, checked.json?.code]).toEqual([1, 102]);
  expect(checked.json.msg).toContain(row.names);
});

test("CHECK() passes when settings changed that nobody asked for", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf: MYNET });
  node.sh(`${inPod} net.core.somaxconn=99; ip -n c1 link set eth0 promisc on allmulticast on txqueuelen 5`);
  expect(callWithResult(node, "CHECK", result, { conf: MYNET })).toMatchObject({ exitCode: 0, stdout: "" });
});
