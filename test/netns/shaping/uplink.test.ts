/** Rates of pods on an uplink: the classes that the kernel then has, and which frames go through them. */

import { expect, test } from "vitest";
import {
  classesOf,
  ensuring,
  errorOnUplink,
  FAR,
  filterCountOf,
  nodeWithUplink,
  onUplink,
  POD_MACS,
  podClassesOf,
  rootOf,
} from "../../support/pod/uplink.ts";

const { c1, c2 } = POD_MACS;

test("ensureUplinkClass() makes a tree of classes when the uplink had none", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 125, maxMbps: 1000, speedMbps: 10_000 }));
  expect(rootOf(node)).toBe("htb 7077:");
  expect(Object.fromEntries(classesOf(node))).toMatchObject({
    "7077:1": { parent: "root", rate: "10Gbit", ceil: "10Gbit" },
    "7077:2": { parent: "7077:1", rate: "1Mbit", ceil: "10Gbit" },
    "7077:3": { parent: "7077:1", rate: "1Mbit", ceil: "10Gbit", quantum: 1514 },
  });
  expect(podClassesOf(node)).toMatchObject([
    { rate: "125Mbit", ceil: "1Gbit", linklayer: "ethernet", quantum: 15_625 },
  ]);
});

const wishes = [
  { name: "there is no maximum", rates: { minMbps: 5, speedMbps: 1000 }, rate: "5Mbit", ceil: "1Gbit" },
  { name: "there is no minimum", rates: { minMbps: 0, maxMbps: 20 }, rate: "1Mbit", ceil: "20Mbit" },
  { name: "nobody knows the speed", rates: { minMbps: 5 }, rate: "5Mbit", ceil: "100Gbit" },
  {
    name: "the minimum is more than the link has",
    rates: { minMbps: 50, speedMbps: 10 },
    rate: "10Mbit",
    ceil: "10Mbit",
  },
  {
    name: "the maximum is more than the link has",
    rates: { minMbps: 5, maxMbps: 50, speedMbps: 10 },
    rate: "5Mbit",
    ceil: "10Mbit",
  },
  {
    name: "rates are beyond 32 bits",
    rates: { minMbps: 40_000, maxMbps: 80_000 },
    rate: "40Gbit",
    ceil: "80Gbit",
  },
];

test.for(wishes)(
  "ensureUplinkClass() gives the pod $rate and at most $ceil when $name",
  async ({ rates, rate, ceil }) => {
    await using node = await nodeWithUplink();
    onUplink(node, ensuring(c1, rates));
    expect(podClassesOf(node)).toMatchObject([{ rate, ceil }]);
    expect(onUplink(node, `return findUplinkClass(socket, ifindex, "${c1}");`)).toEqual(
      onUplink(node, `return classRatesOf({ ifindex, mac: "", ...${JSON.stringify(rates)} });`),
    );
  },
);

test("ensureUplinkClass() replaces the rates when the pod has a class", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 5, speedMbps: 1000 }));
  onUplink(node, ensuring(c1, { minMbps: 7, maxMbps: 70, speedMbps: 100 }));
  expect(podClassesOf(node)).toMatchObject([{ rate: "7Mbit", ceil: "70Mbit" }]);
  expect(classesOf(node).get("7077:1")).toMatchObject({ rate: "100Mbit" });
  expect(filterCountOf(node)).toBe(1);
});

test("ensureUplinkClass() gives every pod a class of its own when addresses differ in one byte alone", async () => {
  await using node = await nodeWithUplink();
  const macs = [0, 1, 2, 3, 4, 5].map((at) => c1.split(":").with(at, "0a").join(":"));
  onUplink(node, macs.map((mac, index) => ensuring(mac, { minMbps: index + 2 })).join("\n"));
  expect(
    podClassesOf(node)
      .map(({ rate }) => rate)
      .toSorted(),
  ).toEqual(macs.map((_, index) => `${index + 2}Mbit`));
  expect(
    onUplink(
      node,
      `return ${JSON.stringify(macs)}.map((mac) => findUplinkClass(socket, ifindex, mac).rateMbps);`,
    ),
  ).toEqual(macs.map((_, index) => index + 2));
});

test("ensureUplinkClass() throws NoFreeClassId and keeps all classes when eight addresses are too much alike", async () => {
  await using node = await nodeWithUplink();
  const mac = (number: number) => `02:00:${String(number).padStart(2, "0")}:00:00:01`;
  const body = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => ensuring(mac(number), { minMbps: 2 })).join("\n");
  expect(errorOnUplink(node, body)).toBe("NoFreeClassId");
  expect(podClassesOf(node)).toHaveLength(8);
});

/** Frames of c1, each kind of them alone. */
const frames = [
  { name: "IPv4", send: `ping -c1 -W5 ${FAR}`, prepare: "" },
  {
    name: "IPv6",
    send: "ping -c1 -W5 fd00::100",
    prepare:
      "ip -n far address add fd00::100/64 dev eth0 nodad; ip -n c1 address add fd00::1/64 dev eth0 nodad",
  },
];

test.for(frames)(
  "ensureUplinkClass() leads $name frames of the pod alone to its class",
  async ({ send, prepare }) => {
    await using node = await nodeWithUplink();
    onUplink(node, ensuring(c1, { minMbps: 2 }) + ensuring(c2, { minMbps: 3 }));
    node.sh(prepare);
    node.sh(`ip netns exec c1 ${send}`);
    const [own, other] = podClassesOf(node).toSorted((a, b) => (a.rate < b.rate ? -1 : 1));
    expect(own?.packets).toBeGreaterThanOrEqual(2); // the question for the neighbour, and the packet
    expect(other?.packets).toBe(0);
  },
);

test("ensureUplinkClass() leads frames of the node itself to the class of the rest", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 2 }));
  node.sh(`ip address add 10.9.0.50/24 dev br0; ping -c1 -W5 ${FAR}`);
  expect(classesOf(node).get("7077:3")?.packets).toBeGreaterThanOrEqual(2);
  expect(podClassesOf(node)).toMatchObject([{ packets: 0 }]);
});

const foreign = [
  "handle 1: tbf rate 1mbit burst 10k limit 10k",
  "handle 1: htb",
  "handle 7077: tbf rate 1mbit burst 10k limit 10k",
];

test.for(foreign)(
  "ensureUplinkClass() throws ForeignQdisc and leaves the qdisc when it is %s",
  async (qdisc) => {
    await using node = await nodeWithUplink();
    node.sh(`tc qdisc add dev up0 root ${qdisc}`);
    const before = rootOf(node);
    expect(errorOnUplink(node, ensuring(c1, { minMbps: 2 }))).toBe("ForeignQdisc");
    expect(onUplink(node, `return removeUplinkClass(socket, ifindex, "${c1}");`)).toBe(false);
    expect(rootOf(node)).toBe(before);
  },
);

test("ensureUplinkClass() makes nothing when the kernel refuses a part of it", async () => {
  await using node = await nodeWithUplink();
  expect(errorOnUplink(node, ensuring(c1, { minMbps: 2, speedMbps: 0 }))).toBe("EINVAL");
  expect(rootOf(node)).toBe("noqueue 0:");
});

test("ensureUplinkClass() keeps the class that it found when the kernel refuses new rates", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 2 }));
  expect(errorOnUplink(node, ensuring(c1, { minMbps: 2, speedMbps: 0 }))).toBe("EINVAL");
  expect(podClassesOf(node)).toMatchObject([{ rate: "2Mbit" }]);
});

test("removeUplinkClass() takes the pod's class away and leaves those of others", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 2 }) + ensuring(c2, { minMbps: 3 }));
  expect(onUplink(node, `return removeUplinkClass(socket, ifindex, "${c1}");`)).toBe(true);
  expect(podClassesOf(node)).toMatchObject([{ rate: "3Mbit" }]);
  expect(filterCountOf(node)).toBe(1);
  expect(onUplink(node, `return removeUplinkClass(socket, ifindex, "${c1}");`)).toBe(false);
});

test("removeUplinkClass() gives the uplink its own qdisc back when the last class goes", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 2 }) + ensuring(c2, { minMbps: 3 }));
  const body = `return [removeUplinkClass(socket, ifindex, "${c1}"), removeUplinkClass(socket, ifindex, "${c2}")];`;
  expect(onUplink(node, body)).toEqual([true, true]);
  expect(rootOf(node)).toBe("noqueue 0:");
});

test("removeUplinkClass() finds the class when one that came before it in the same bucket is gone", async () => {
  await using node = await nodeWithUplink();
  const [first, second] = ["02:00:00:00:00:01", "02:00:01:00:00:01"];
  onUplink(node, ensuring(first, { minMbps: 2 }) + ensuring(second, { minMbps: 3 }));
  const body = `return [removeUplinkClass(socket, ifindex, "${first}"), removeUplinkClass(socket, ifindex, "${second}")];`;
  expect(onUplink(node, body)).toEqual([true, true]);
  expect(rootOf(node)).toBe("noqueue 0:");
});

test.for(["removeUplinkClass", "findUplinkClass"])(
  "%s() finds nothing when the uplink is gone",
  async (name) => {
    await using node = await nodeWithUplink();
    expect(onUplink(node, `return ${name}(socket, 9999, "${c1}") ?? false;`)).toBe(false);
  },
);

const LIVE = `(mac) => mac === "${c1}"`;

test("sweepUplink() takes classes of pods that are gone away and leaves the others", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 2 }) + ensuring(c2, { minMbps: 3 }));
  expect(onUplink(node, `return sweepUplink(socket, ifindex, ${LIVE});`)).toBe(1);
  expect(podClassesOf(node)).toMatchObject([{ rate: "2Mbit" }]);
  expect(filterCountOf(node)).toBe(1);
});

test("sweepUplink() takes a class away when nothing leads to it", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 2 }));
  node.sh("tc class add dev up0 parent 7077:2 classid 7077:9090 htb rate 9mbit");
  expect(onUplink(node, `return sweepUplink(socket, ifindex, ${LIVE});`)).toBe(1);
  expect(podClassesOf(node)).toMatchObject([{ rate: "2Mbit" }]);
});

test("sweepUplink() gives the uplink its own qdisc back when no pod is left", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 2 }) + ensuring(c2, { minMbps: 3 }));
  expect(onUplink(node, "return sweepUplink(socket, ifindex, () => false);")).toBe(2);
  expect(rootOf(node)).toBe("noqueue 0:");
});

test("sweepUplink() leaves a qdisc that somebody else chose", async () => {
  await using node = await nodeWithUplink();
  node.sh(
    "tc qdisc add dev up0 root handle 1: htb; tc class add dev up0 parent 1: classid 1:2 htb rate 1mbit",
  );
  expect(onUplink(node, "return sweepUplink(socket, ifindex, () => false);")).toBe(0);
  expect(node.sh("tc class show dev up0")).toContain("htb 1:2");
});
