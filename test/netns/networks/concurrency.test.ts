/** Twenty pods at once on an uplink that nobody has used, and their twenty ends. */

import { expect, test } from "vitest";
import { endpoints } from "../../support/fixtures/annotations.ts";
import { links } from "../../support/kernel/kernel.ts";
import { CONFIG_DIR, KINDS, Segment, segmentRemains } from "../../support/pod/segment.ts";
import { allAtOnce } from "../../support/pod/traffic-concurrent.ts";

const BARE = { configDir: CONFIG_DIR, isDefaultGateway: true };
const ids = Array.from({ length: 20 }, (_, index) => `c${index + 1}`);

/** The same call for each container. */
function calls(conf: object, containerIds: readonly string[] = ids) {
  return containerIds.map((containerId) => ({ containerId, conf }));
}

const failedOf = (done: readonly { exitCode: number; stdout: string; stderr: string }[]) =>
  done.filter(({ exitCode, stderr }) => exitCode !== 0 || stderr !== "");

function addressesOf(done: readonly { json: { ips: { address: string }[] } }[]): string[] {
  return done.flatMap(({ json }) => json.ips.map(({ address }) => address));
}

test.for(KINDS)("ADD() and DEL() by %s serve twenty pods when all come and go at once", async (kind) => {
  await using segment = await Segment.create(kind);
  const conf = { ...BARE, ...endpoints({ network: "dual", perfTier: "medium" }, { network: "data" }) };
  const added = await allAtOnce(segment.node, "ADD", calls(conf));
  expect(failedOf(added)).toEqual([]);
  expect(new Set(addressesOf(added)).size).toBe(60);
  expect(links(segment.node).filter(({ ifname }) => ifname === "pw-eth1")).toHaveLength(
    kind === "bridge" ? 1 : 0,
  );
  const reached = ids.filter((id) =>
    segment.node.sh(`ip netns exec ${id} ping -c 1 -W 1 10.10.120.1`).includes("1 received"),
  );
  expect(reached).toEqual(ids);
  expect(failedOf(await allAtOnce(segment.node, "DEL", calls(BARE)))).toEqual([]);
  expect(segmentRemains(segment)).toEqual([]);
});

test("ADD() and DEL() do not disturb each other when old pods go as new ones come", async () => {
  await using segment = await Segment.create();
  const conf = { ...BARE, ...endpoints({ network: "web" }) };
  const [old, young] = [ids.slice(0, 10), ids.slice(10)];
  await allAtOnce(segment.node, "ADD", calls(conf, old));
  const both = await Promise.all([
    allAtOnce(segment.node, "DEL", calls(conf, old)),
    allAtOnce(segment.node, "ADD", calls(conf, young)),
  ]);
  expect(failedOf(both.flat())).toEqual([]);
  const ports = links(segment.node).filter(({ master }) => master === "pw-eth1");
  expect(ports).toHaveLength(young.length + 1);
});

test("ADD() gives a range's addresses to as many pods as it has when more ask at once", async () => {
  await using segment = await Segment.create();
  const range = { subnet: "10.9.0.0/24", start: "10.9.0.11", end: "10.9.0.15" };
  segment.put("networks/small.json", { ranges: [range], attach: { kind: "bridge", uplink: "eth1" } });
  const done = await allAtOnce(
    segment.node,
    "ADD",
    calls({ ...BARE, ...endpoints({ network: "small" }) }, ids.slice(0, 12)),
  );
  const codes = done.map(({ json }) => json.code ?? 0).toSorted((a, b) => a - b);
  expect(codes).toEqual([0, 0, 0, 0, 0, 11, 11, 11, 11, 11, 11, 11]);
});

test("ADD() gives a persistent endpoint to one pod when ten ask for it at once", async () => {
  await using segment = await Segment.create();
  segment.put("endpoints/default.ep1.json", { network: "web", addresses: ["10.10.120.50"] });
  const conf = { ...BARE, ...endpoints({ endpointId: "ep1" }) };
  const done = await allAtOnce(segment.node, "ADD", calls(conf, ids.slice(0, 10)));
  expect(done.filter(({ exitCode }) => exitCode === 0)).toHaveLength(1);
  expect(done.flatMap(({ json }) => json.code ?? []).every((code) => code === 11)).toBe(true);
});
