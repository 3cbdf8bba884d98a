/** Who reaches whom on a network by name, right after ADD returned, and which source address the other side sees. */

import { expect, test } from "vitest";
import {
  FIRST_DUAL4,
  FIRST_DUAL6,
  FIRST4,
  FIRST6,
  GATEWAY4,
  GATEWAY6,
  KINDS,
  type Kind,
  Segment,
  WORLD4,
  WORLD6,
} from "../../support/pod/segment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";

interface Row {
  readonly network: string;
  readonly family: string;
  /** Addresses of the two pods. */
  readonly first: string;
  readonly second: string;
  readonly gateway: string;
  readonly world: string;
}

const v4 = { family: "IPv4", gateway: GATEWAY4, world: WORLD4 };
const v6 = { family: "IPv6", gateway: GATEWAY6, world: WORLD6 };
const networks: readonly Row[] = [
  { network: "web", ...v4, first: FIRST4, second: "10.10.120.12" },
  { network: "web6", ...v6, first: FIRST6, second: "fd00:120::12" },
  { network: "dual", ...v4, first: FIRST_DUAL4, second: "10.10.120.102" },
  { network: "dual", ...v6, first: FIRST_DUAL6, second: "fd00:120::1002" },
];

const rows = KINDS.flatMap((kind) => networks.map((row) => ({ kind, ...row })));

async function pods(kind: Kind, network: string): Promise<Segment> {
  const segment = await Segment.create(kind);
  for (const containerId of ["c1", "c2"]) segment.attach({ containerId, wishes: [{ network }] });
  await segment.serve("c1", "c2", "gateway");
  return segment;
}

test.for(rows)(
  "ADD() connects pods of the network $network by $kind to each other when they use $family",
  async ({ kind, network, first, second }) => {
    await using segment = await pods(kind, network);
    expect(segment.ask("c1", second)).toBe(`c2 ${first}`);
    expect(segment.ask("c2", first)).toBe(`c1 ${second}`);
  },
);

test.for(rows)(
  "ADD() connects pods of $network by $kind to gateway and world with their own address when they use $family",
  async ({ kind, network, first, gateway, world }) => {
    await using segment = await pods(kind, network);
    expect(segment.ask("c1", gateway)).toBe(`gateway ${first}`);
    expect(segment.ask("c1", world)).toBe(`gateway ${first}`);
  },
);

test.for(rows)(
  "ADD() makes pods of $network by $kind reachable from outside at their own address when that uses $family",
  async ({ kind, network, first, gateway, world }) => {
    await using segment = await pods(kind, network);
    expect(segment.ask("gateway", first)).toBe(`c1 ${gateway}`);
    expect(segment.ask("gateway", first, { fromAddress: world })).toBe(`c1 ${world}`);
  },
);

test.for(KINDS)(
  "ADD() masquerades nothing of a network by %s when the configuration has ipMasq",
  async (kind) => {
    await using segment = await Segment.create(kind);
    segment.attach({ wishes: [{ network: "web" }], conf: { ipMasq: true } });
    await segment.serve("gateway");
    expect(segment.ask("c1", WORLD4)).toBe(`gateway ${FIRST4}`);
    expect(segment.node.sh("nft list ruleset")).toBe("");
  },
);

test.for(KINDS)(
  "ADD() leads a pod of a private network by %s to its subnet alone when it asks",
  async (kind) => {
    await using segment = await Segment.create(kind);
    segment.attach({ wishes: [{ network: "data" }] });
    await segment.serve("gateway");
    expect(segment.ask("c1", "10.10.130.1")).toBe("gateway 10.10.130.11");
    expect(segment.ask("c1", WORLD4, IN_VAIN)).toMatch(/^no answer: /);
    expect(segment.node.json("ip -n c1 -j route show default")).toEqual([]);
  },
);
