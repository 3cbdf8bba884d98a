/** Flags of bridge and port: hairpin, isolation, promiscuity, and the interface that stays down. */

import { expect, test } from "vitest";
import { linkOf, snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, ensurePod } from "../../support/pod/attachment.ts";

const flags = [
  { name: "no mode", conf: {}, hairpin: false, isolated: false, promiscuity: 0 },
  { name: "hairpinMode", conf: { hairpinMode: true }, hairpin: true, isolated: false, promiscuity: 0 },
  { name: "portIsolation", conf: { portIsolation: true }, hairpin: false, isolated: true, promiscuity: 0 },
  {
    name: "hairpinMode and portIsolation",
    conf: { hairpinMode: true, portIsolation: true },
    hairpin: true,
    isolated: true,
    promiscuity: 0,
  },
  { name: "promiscMode", conf: { promiscMode: true }, hairpin: false, isolated: false, promiscuity: 1 },
];

test.for(flags)("ADD() sets port and bridge flags when $name is set", async (row) => {
  await using node = await Node.create();
  const { interfaces } = attach(node, { conf: row.conf });
  const port = linkOf(node, interfaces[1].name).linkinfo.info_slave_data;
  expect([port.hairpin, port.isolated]).toEqual([row.hairpin, row.isolated]);
  expect(linkOf(node, "cni0").promiscuity).toBe(row.promiscuity);
});

test("ADD() turns on promiscuity when the bridge exists without it", async () => {
  await using node = await Node.create();
  attach(node);
  attach(node, { conf: { promiscMode: true }, containerId: "c2" });
  expect(linkOf(node, "cni0").flags).toContain("PROMISC");
});

test("ADD() leaves promiscuity on when another network of the bridge wants it", async () => {
  await using node = await Node.create();
  attach(node, { conf: { promiscMode: true } });
  attach(node, { containerId: "c2" });
  expect(linkOf(node, "cni0").flags).toContain("PROMISC");
});

const ping = (node: Node) => node.run(["ip", "netns", "exec", "c1", "ping", "-c1", "-W1", "10.1.0.3"]);

test("ADD() keeps two pods apart when both ports are isolated", async () => {
  await using node = await Node.create();
  const conf = { portIsolation: true };
  attach(node, { conf });
  attach(node, { conf, containerId: "c2" });
  expect(ping(node).exitCode).toBe(1);
  expect(node.sh("ping -c1 -W1 10.1.0.3")).toContain("1 received");
});

const contradictions = [
  { name: "hairpinMode and promiscMode", conf: { hairpinMode: true, promiscMode: true } },
  { name: "disableContainerInterface and ipam", conf: { disableContainerInterface: true } },
];

test.for(contradictions)("ADD() refuses with code 7 when $name are both set", async ({ conf }) => {
  await using node = await Node.create();
  ensurePod(node);
  const before = snapshot(node, []);
  const added = call(node, "ADD", { conf });
  expect([added.exitCode, added.json.code]).toEqual([1, 7]);
  expect(snapshot(node, [])).toEqual(before);
});

const DISABLED = { disableContainerInterface: true, ipam: undefined };

test("ADD() leaves the container's end down when disableContainerInterface is set", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node, { conf: DISABLED });
  expect(linkOf(node, "eth0", "c1").flags).not.toContain("UP");
  expect(linkOf(node, interfaces[1].name).flags).toContain("UP");
});

test("CHECK() and DEL() succeed when the container's interface is disabled", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const before = snapshot(node);
  const result = attach(node, { conf: DISABLED });
  expect(callWithResult(node, "CHECK", result, { conf: DISABLED })).toMatchObject({
    exitCode: 0,
    stdout: "",
  });
  expect(callWithResult(node, "DEL", result, { conf: DISABLED })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(snapshot(node)).toEqual(before);
});
