/** A node that moves from the reference plugins to podwire and back while its pods run. */

import { expect, test } from "vitest";
import { type Plugin, SwitchingNode } from "../support/reference/switching.ts";

const GENERATIONS = ["newest", "debian"] as const;
const DIRECTIONS: readonly (readonly [Plugin, Plugin])[] = [
  ["newest", "podwire"],
  ["debian", "podwire"],
  ["podwire", "newest"],
  ["podwire", "debian"],
];

const CONF = {
  cniVersion: "1.0.0",
  name: "mynet",
  type: "bridge",
  isDefaultGateway: true,
  ipam: { type: "host-local", ranges: [[{ subnet: "10.1.0.0/24" }], [{ subnet: "fd00:1::/64" }]] },
};
const OLD_CONF = { ...CONF, cniVersion: "0.3.1" };

test.for(DIRECTIONS)("CHECK() of a pod that %s attached passes by %s", async ([from, to]) => {
  await using node = await SwitchingNode.create(CONF);
  node.add(from, "pod1");
  expect(node.call(to, "CHECK", "pod1")).toMatchObject({ exitCode: 0, stdout: "" });
});

test.for(GENERATIONS)("CHECK() finds what a pod attached by %s has lost", async (from) => {
  await using node = await SwitchingNode.create(CONF);
  node.add(from, "pod1");
  node.node.sh("ip -n pod1 route delete default");
  const checked = node.call("podwire", "CHECK", "pod1");
  expect(checked).toMatchObject({ exitCode: 1, json: { msg: expect.stringContaining("0.0.0.0/0") } });
});

test.for(DIRECTIONS)(
  "DEL() of a pod that %s attached removes links and addresses by %s",
  async ([from, to]) => {
    await using node = await SwitchingNode.create(CONF);
    node.add(from, "pod1");
    expect(node.call(to, "DEL", "pod1")).toMatchObject({ exitCode: 0, stdout: "" });
    expect({ links: node.hostEnds(), addresses: node.reservations() }).toEqual({ links: [], addresses: [] });
  },
);

test.for(DIRECTIONS)("DEL() of a pod that %s attached needs no prevResult by %s", async ([from, to]) => {
  await using node = await SwitchingNode.create(OLD_CONF);
  node.add(from, "pod1");
  node.forget("pod1");
  expect(node.call(to, "DEL", "pod1")).toMatchObject({ exitCode: 0, stdout: "" });
  expect({ links: node.hostEnds(), addresses: node.reservations() }).toEqual({ links: [], addresses: [] });
});

test.for(DIRECTIONS)("DEL() of a pod that %s attached needs no namespace by %s", async ([from, to]) => {
  await using node = await SwitchingNode.create(CONF);
  node.add(from, "pod1");
  node.node.sh("ip netns delete pod1");
  expect(node.call(to, "DEL", "pod1")).toMatchObject({ exitCode: 0, stdout: "" });
  expect(node.reservations()).toEqual([]);
});

test.for(GENERATIONS)("DEL() leaves the other pods that %s attached alone", async (from) => {
  await using node = await SwitchingNode.create(CONF);
  for (const pod of ["pod1", "pod2"]) node.add(from, pod);
  node.call("podwire", "DEL", "pod1");
  expect(node.reservations()).toEqual(["10.1.0.3", "fd00:1::3"]);
  expect(node.node.sh("ip netns exec pod2 ping -c 1 -W 2 10.1.0.1")).toContain("1 received");
});

test.for(DIRECTIONS)("ADD() continues the round robin of %s by %s", async ([from, to]) => {
  await using node = await SwitchingNode.create(CONF);
  node.add(from, "pod1");
  node.add(from, "pod2");
  node.call(from, "DEL", "pod2");
  expect(node.add(to, "pod3")).toBe("10.1.0.4");
  expect(["0", "1"].map((set) => node.readReservation(`last_reserved_ip.${set}`))).toEqual([
    "10.1.0.4",
    "fd00:1::4",
  ]);
});

test.for(DIRECTIONS)(
  "ADD() does not give an address that %s gave, at the end of the range, by %s",
  async ([from, to]) => {
    const ipam = { type: "host-local", subnet: "10.1.0.0/29" }; // pods .2 to .6
    await using node = await SwitchingNode.create({ ...CONF, ipam });
    const given = ["pod1", "pod2", "pod3"].map((pod) => node.add(from, pod));
    const own = ["pod4", "pod5"].map((pod) => node.add(to, pod));
    expect([...given, ...own]).toEqual(["10.1.0.2", "10.1.0.3", "10.1.0.4", "10.1.0.5", "10.1.0.6"]);
    node.node.addPod("pod6");
    expect(node.call(to, "ADD", "pod6").exitCode).toBe(1);
  },
);

test.for(GENERATIONS)("ADD() beside pods of %s reaches them over both families", async (from) => {
  await using node = await SwitchingNode.create(CONF);
  node.add(from, "pod1");
  node.add("podwire", "pod2");
  for (const address of ["10.1.0.2", "fd00:1::2"]) {
    expect(node.node.sh(`ip netns exec pod2 ping -c 1 -W 2 ${address}`)).toContain("1 received");
  }
});

test("ADD() gives 20 pods of three plugins 20 addresses, and DEL() by another one frees all", async () => {
  await using node = await SwitchingNode.create(CONF);
  const plugins: readonly Plugin[] = ["podwire", "newest", "debian"];
  const pods = Array.from({ length: 20 }, (_, index) => `pod${index}`);
  const addresses = pods.map((pod, index) => node.add(plugins[index % 3] ?? "podwire", pod));
  expect(new Set(addresses).size).toBe(20);
  const codes = pods.map(
    (pod, index) => node.call(plugins[(index + 1) % 3] ?? "podwire", "DEL", pod).exitCode,
  );
  expect({ codes: new Set(codes), links: node.hostEnds(), addresses: node.reservations() }).toEqual({
    codes: new Set([0]),
    links: [],
    addresses: [],
  });
});

test("ADD() reclaims and reports a reservation that a killed plugin left empty", async () => {
  await using node = await SwitchingNode.create(CONF);
  node.writeReservation("10.1.0.2", "");
  node.node.addPod("pod1");
  const { stderr, json } = node.call("podwire", "ADD", "pod1");
  expect(json.ips[0].address).toBe("10.1.0.2/24");
  expect(stderr).toContain("10.1.0.2");
});

test("DEL() frees the addresses of a pod whose reservations name the container alone", async () => {
  await using node = await SwitchingNode.create(CONF);
  node.writeReservation("10.1.0.9", "pod1");
  node.node.addPod("pod1");
  expect(node.call("podwire", "DEL", "pod1").exitCode).toBe(0);
  expect(node.reservations()).toEqual([]);
});

test("ADD() writes reservations as the reference does, byte for byte", async () => {
  await using node = await SwitchingNode.create(CONF);
  node.add("podwire", "pod1");
  expect(["10.1.0.2", "fd00:1::2"].map((name) => node.readReservation(name))).toEqual([
    "pod1\r\neth0",
    "pod1\r\neth0",
  ]);
});

test.for(GENERATIONS)(
  "GC() keeps listed pods of %s and frees the addresses of those that are gone",
  async (from) => {
    await using node = await SwitchingNode.create({ ...CONF, cniVersion: "1.0.0" });
    for (const pod of ["pod1", "pod2"]) node.add(from, pod);
    // The kernel takes the namespace apart in its own time.
    node.node.sh(
      "ip netns delete pod2; timeout 20 sh -c 'until [ $(ip -o link show type veth | wc -l) = 1 ]; do sleep 0.01; done'",
    );
    const valid = [{ containerID: "pod1", ifname: "eth0" }];
    const conf = { ...CONF, cniVersion: "1.1.0", "cni.dev/valid-attachments": valid };
    expect(node.node.cni({ command: "GC", conf })).toMatchObject({ exitCode: 0, stdout: "" });
    expect({ addresses: node.reservations(), links: node.hostEnds().length }).toEqual({
      addresses: ["10.1.0.2", "fd00:1::2"],
      links: 1,
    });
  },
);
