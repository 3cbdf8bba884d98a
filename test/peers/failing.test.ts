/** What the reference plugins refuse, podwire refuses too: with a code that tells why, and without leaving anything. */

import { expect, test } from "vitest";
import { compare } from "../support/reference/facts.ts";
import type { Case, FailingCase } from "./case.ts";
import { FAILING_CASES } from "./cases-errors.ts";
import { attachmentsOf, type Plugin, Side } from "./side.ts";

const NAMED = FAILING_CASES.map((scenario) => [scenario.name, scenario] as const);

/** A node after all ADDs of the case but the last, which is the one that fails. */
async function beforeFailure(plugin: Plugin, scenario: FailingCase) {
  const side = await Side.create(plugin, scenario);
  const attachments = attachmentsOf(scenario);
  const last = attachments.pop();
  if (last === undefined) throw new Error(`${scenario.name}: no attachment`);
  for (const attachment of attachments) {
    const { exitCode, stdout } = side.call("ADD", attachment);
    if (exitCode !== 0) throw new Error(`ADD by ${plugin}: ${stdout}`);
  }
  return { side, attachments, last, [Symbol.asyncDispose]: () => side[Symbol.asyncDispose]() };
}

test.for(NAMED)("ADD() by the newest reference plugin fails with %s", async ([, scenario]) => {
  await using world = await beforeFailure("newest", scenario);
  expect(world.side.call("ADD", world.last).exitCode).toBe(1);
});

test.for(NAMED)(
  "ADD() fails with the right code and a message that says where with %s",
  async ([, scenario]) => {
    await using world = await beforeFailure("podwire", scenario);
    const { exitCode, json } = world.side.call("ADD", world.last);
    expect({ exitCode, code: json.code }).toEqual({ exitCode: 1, code: scenario.code });
    expect(`${json.msg} ${json.details ?? ""}`).toContain(scenario.names);
  },
);

test.for(NAMED)(
  "ADD() leaves links, addresses and reservations as they were with %s",
  async ([, scenario]) => {
    await using world = await beforeFailure("podwire", scenario);
    const { side, attachments, last } = world;
    const before = side.observe(attachments).facts;
    side.call("ADD", last);
    const changed = compare(before, side.observe(attachments).facts);
    // Shared things stay for the next pod: the bridge, the marker of this boot, and the round robin goes on.
    expect(
      changed.filter(
        (line) => !/^(node\.link\[cni0\]|file\[mynet\/(boot_id|lock|last_reserved_ip\.\d)\])/.test(line),
      ),
    ).toEqual([]);
  },
);

/** Of another network, as with isDefaultGateway off and a router elsewhere; from 1.10.0 on host-local wants it in the subnet. */
const ROUTER_ELSEWHERE: Case = {
  name: "a gateway outside of its subnet",
  conf: { ipam: { type: "host-local", ranges: [[{ subnet: "10.1.0.0/24", gateway: "10.9.0.1" }]] } },
};

test("ADD() takes a gateway outside of its subnet, which the newest reference plugin refuses", async () => {
  const [codes, gateways] = [new Map<Plugin, number>(), new Map<Plugin, string>()];
  for (const plugin of ["newest", "podwire"] as const) {
    await using side = await Side.create(plugin, ROUTER_ELSEWHERE);
    const [attachment] = attachmentsOf(ROUTER_ELSEWHERE);
    if (attachment === undefined) throw new Error("no attachment");
    const { exitCode, json } = side.call("ADD", attachment);
    codes.set(plugin, exitCode);
    gateways.set(plugin, json.ips?.[0].gateway);
  }
  expect(codes).toEqual(
    new Map([
      ["newest", 1],
      ["podwire", 0],
    ]),
  );
  expect(gateways.get("podwire")).toBe("10.9.0.1");
});
