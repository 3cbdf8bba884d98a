/** Pods behind kube-proxy's Services are reached from everywhere, in both modes, with and without br_netfilter. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MODES } from "../../support/kube-proxy/kube-proxy.ts";
import { World } from "../../support/traffic/traffic-world.ts";
import { type Addresses, HOST_PORT, NODE_PORT, PROGRAMS, setUpServices, V4, V6 } from "./service-world.ts";

interface Path {
  readonly from: string;
  readonly via: string;
  readonly target: (addresses: Addresses) => string;
  /** Who answers, and the source address that it saw. */
  readonly answer: (addresses: Addresses) => string;
  /** Where the kernel bridges what it would route: with br_netfilter, and only there. */
  readonly bridged?: (addresses: Addresses) => string;
}

const masqueraded = ({ gateway }: Addresses) => `c1 ${gateway}`;
const fromC3 = ({ c3 }: Addresses) => `c1 ${c3}`;
const toOne = ({ one }: Addresses) => `tcp ${one} 80`;
const toNodePort = ({ node }: Addresses) => `tcp ${node} ${NODE_PORT.one}`;
const toDns = ({ dns }: Addresses) => `udp ${dns} 53`;
const toDnsPort = ({ node }: Addresses) => `udp ${node} ${NODE_PORT.dns}`;
const toHostPort = ({ node }: Addresses) => `tcp ${node} ${HOST_PORT}`;

const PATHS: readonly Path[] = [
  { from: "c3", via: "ClusterIP", target: toOne, answer: masqueraded, bridged: fromC3 },
  { from: "c1", via: "its own ClusterIP", target: toOne, answer: masqueraded },
  { from: "node", via: "ClusterIP", target: toOne, answer: masqueraded },
  { from: "outside", via: "NodePort", target: toNodePort, answer: masqueraded },
  { from: "node", via: "NodePort", target: toNodePort, answer: masqueraded },
  { from: "c3", via: "NodePort", target: toNodePort, answer: masqueraded },
  { from: "c1", via: "its own NodePort", target: toNodePort, answer: masqueraded },
  { from: "c3", via: "ClusterIP over UDP", target: toDns, answer: masqueraded, bridged: fromC3 },
  { from: "c1", via: "its own ClusterIP over UDP", target: toDns, answer: masqueraded },
  { from: "node", via: "ClusterIP over UDP", target: toDns, answer: masqueraded },
  { from: "outside", via: "NodePort over UDP", target: toDnsPort, answer: masqueraded },
  { from: "outside", via: "host port", target: toHostPort, answer: ({ outside }) => `c1 ${outside}` },
  { from: "node", via: "host port", target: toHostPort, answer: ({ node }) => `c1 ${node}` },
  { from: "c3", via: "host port", target: toHostPort, answer: masqueraded, bridged: fromC3 },
  { from: "c1", via: "its own host port", target: toHostPort, answer: masqueraded },
  {
    from: "c3",
    via: "address outside",
    target: ({ outside }) => `tcp ${outside} 80`,
    answer: ({ node }) => `outside ${node}`,
  },
  { from: "c3", via: "pod address", target: ({ c1 }) => `tcp ${c1} 8080`, answer: fromC3 },
];

const FAMILIES = [
  ["IPv4", V4],
  ["IPv6", V6],
] as const;

const ROWS = FAMILIES.flatMap(([family, addresses]) =>
  PATHS.map((path) => [path.from, path.via, family, { ...path, addresses }] as const),
);
const WORLDS = MODES.flatMap((mode) =>
  (["off", "on"] as const).flatMap((brNetfilter) =>
    PROGRAMS.map((first) => [mode, brNetfilter, first] as const),
  ),
);

describe.for(WORLDS)("kube-proxy in %s mode, br_netfilter %s, %s first:", ([mode, brNetfilter, first]) => {
  let world: World;
  beforeAll(async () => {
    world = await World.create();
    await setUpServices(world, { mode, brNetfilter: brNetfilter === "on", first });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  test.for(ROWS)("a pod answers when %s asks by %s, %s", ([, , , row]) => {
    const answer = brNetfilter === "on" && row.bridged !== undefined ? row.bridged : row.answer;
    expect(world.connect(row.from, row.target(row.addresses))).toBe(answer(row.addresses));
  });

  test.for(FAMILIES)("both pods of a Service answer when another pod asks, %s", ([, addresses]) => {
    const { gateway, c3 } = addresses;
    const source = brNetfilter === "on" ? c3 : gateway;
    expect(answers(world, "c3", addresses)).toEqual(new Set([`c1 ${source}`, `c2 ${source}`]));
  });

  test.for(FAMILIES)("both pods of a Service answer when one of them asks, %s", ([, addresses]) => {
    const { gateway, c1 } = addresses;
    const other = brNetfilter === "on" ? c1 : gateway;
    expect(answers(world, "c1", addresses)).toEqual(new Set([`c1 ${gateway}`, `c2 ${other}`]));
  });

  test("a pod answers when the node asks by its host port at 127.0.0.1", () => {
    expect(world.connect("node", `tcp ${V4.loopback} ${HOST_PORT}`)).toBe(`c1 ${V4.gateway}`);
  });
});

/**
 * What answers at the Service with two endpoints, until both did or one call got no answer.
 *
 * Each call goes to one of them by chance, so 60 calls miss one in one of 2⁵⁹ runs.
 */
function answers(world: World, from: string, { two }: Addresses): Set<string> {
  const seen = new Set<string>();
  for (let calls = 0; calls < 60 && seen.size < 2; calls++) {
    const answer = world.connect(from, `tcp ${two} 80`);
    seen.add(answer);
    if (answer.startsWith("no answer")) break;
  }
  return seen;
}
