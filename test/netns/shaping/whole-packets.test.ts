/** A burst has to hold a whole packet, or none would ever pass. */

import { expect, test } from "vitest";
import { snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";

const RATE = 1_000_000;

test.for(["ingress", "egress"])(
  "ADD() refuses a burst of less than a packet for %s, and makes nothing",
  async (way) => {
    await using node = await Node.create();
    ensurePod(node);
    const before = snapshot(node, []);
    const conf = { mtu: 1500, [`${way}Rate`]: RATE, [`${way}Burst`]: 1513 * 8 };
    const { exitCode, json } = call(node, "ADD", { conf });
    expect({ exitCode, code: json.code, msg: json.msg }).toEqual({
      exitCode: 1,
      code: 7,
      msg: expect.stringContaining(`${way}Burst`),
    });
    expect(snapshot(node, [])).toEqual(before);
  },
);

test("ADD() takes a burst of exactly one packet", async () => {
  await using node = await Node.create();
  const conf = { mtu: 1500, ingressRate: RATE, ingressBurst: 1514 * 8 };
  expect(attach(node, { conf }).interfaces).toHaveLength(3);
});
