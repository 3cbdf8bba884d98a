/** Shaping: CHECK passes after ADD, and names each piece that is gone or another. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { attach, callWithResult } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

const M = 1_000_000;
const bandwidth = { ingressRate: 20 * M, ingressBurst: 2 * M, egressRate: 10 * M, egressBurst: M };
const conf = { ...MYNET, runtimeConfig: { bandwidth } };

const intact = [
  { name: "bursts", bandwidth },
  { name: "rates alone", bandwidth: { ingressRate: 20 * M, egressRate: 10 * M } },
  { name: "odd numbers", bandwidth: { ingressRate: 123_456_789, ingressBurst: 7_654_321 } },
  { name: "very low rates", bandwidth: { ingressRate: 8000, egressRate: 64_000 } },
  { name: "very high rates", bandwidth: { ingressRate: 40_000 * M, egressRate: 100_000 * M } },
  { name: "an egress rate alone", bandwidth: { egressRate: 10 * M } },
];

test.for(intact)("CHECK() passes after ADD when there are $name", async ({ bandwidth }) => {
  await using node = await Node.create();
  const shaped = { conf: { ...MYNET, runtimeConfig: { bandwidth } } };
  const result = attach(node, shaped);
  expect(callWithResult(node, "CHECK", result, shaped)).toMatchObject({ exitCode: 0, stdout: "" });
});

/** `HOST` stands for the host's end, `IFB` for the ifb device. */
const changes = [
  { name: "the ingress bucket is gone", script: "tc qdisc del dev HOST root", names: "HOST" },
  {
    name: "another queue has the ingress bucket's place",
    script: "tc qdisc replace dev HOST root pfifo",
    names: "HOST",
  },
  {
    name: "the ingress rate is another",
    script: "tc qdisc change dev HOST handle 1: root tbf rate 21mbit burst 250000 limit 312500",
    names: "rate",
  },
  {
    name: "the ingress burst is another",
    script: "tc qdisc change dev HOST handle 1: root tbf rate 20mbit burst 200000 limit 312500",
    names: "burst",
  },
  {
    name: "the ingress limit is another",
    script: "tc qdisc change dev HOST handle 1: root tbf rate 20mbit burst 250000 limit 300000",
    names: "limit",
  },
  { name: "the egress bucket is gone", script: "tc qdisc del dev IFB root", names: "IFB" },
  {
    name: "the egress rate is another",
    script: "tc qdisc change dev IFB handle 1: root tbf rate 1mbit burst 125000 limit 156250",
    names: "rate",
  },
  { name: "the ifb is gone", script: "ip link del IFB", names: "IFB" },
  { name: "the ifb is down", script: "ip link set IFB down", names: '"IFB" is down' },
  { name: "the redirection is gone", script: "tc filter del dev HOST parent ffff:", names: "IFB" },
  { name: "the ingress queue is gone", script: "tc qdisc del dev HOST ingress", names: "IFB" },
  {
    name: "the redirection leads elsewhere",
    script: `ip link add other type ifb; tc filter del dev HOST parent ffff:
      tc filter add dev HOST parent ffff: protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev other`,
    names: "IFB",
  },
];

test.for(changes)("CHECK() fails with code 102 and names it when $name", async ({ script, names }) => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  const [, { name: host }, , { name: ifb }] = result.interfaces;
  const inWords = (text: string) => text.replaceAll("HOST", host).replaceAll("IFB", ifb);
  node.sh(inWords(script));
  const checked = callWithResult(node, "CHECK", result, { conf });
  expect([checked.exitCode, checked.json?.code]).toEqual([1, 102]);
  expect(checked.json.msg).toContain(inWords(names));
});

test("CHECK() names both when the bucket and the ifb are gone", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  const [, { name: host }, , { name: ifb }] = result.interfaces;
  node.sh(`tc qdisc del dev ${host} root; ip link del ${ifb}`);
  const { msg } = callWithResult(node, "CHECK", result, { conf }).json;
  expect(msg).toContain(`"${host}" has no token bucket`);
  expect(msg).toContain(`"${ifb}" does not exist`);
});
