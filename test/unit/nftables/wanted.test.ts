/** What a pod wants of our tables: the elements of every feature that it asks for. */

import { expect, test } from "vitest";
import type { PodTraffic } from "../../../src/nftables/features/list.ts";
import { hashedChainsOf, tablesOf, wantedBy } from "../../../src/nftables/wanted.ts";
import { address } from "../../support/fixtures/values.ts";

const POD: PodTraffic = {
  owner: "mynet/c1/eth0",
  hostIfname: "veth1",
  bridge: "cni0",
  ips: [
    { address: address("10.1.0.2"), prefixLength: 16 },
    { address: address("fd00:1::2"), prefixLength: 64 },
  ],
  ingressPolicy: "open",
};
const EVERYTHING: PodTraffic = {
  ...POD,
  ingressPolicy: "isolated",
  nonMasqueraded: [],
  sender: "02:00:00:00:00:aa",
  hostPorts: {
    mappings: [{ protocol: "tcp", hostPort: 8080, containerPort: 80 }],
    snat: true,
    masqAll: true,
  },
};

const setsOf = (pod: PodTraffic) =>
  wantedBy(pod).elements.map(({ set, owner }) => (owner === "" ? `${set} (shared)` : set));

test("wantedBy() gives the elements of every feature, shared ones first, when a pod asks for all", () => {
  expect(setsOf(EVERYTHING)).toEqual([
    "bridges (shared)",
    "guarded (shared)",
    "isolated (shared)",
    "masquerade_ip",
    "masquerade_ip6",
    "hostports_ip",
    "hairpin_ip",
    "hairpin_ip",
    "masquerade_all_ip",
    "hostports_ip6",
    "hairpin_ip6",
    "masquerade_all_ip6",
    "checked",
    "senders",
  ]);
});

test("wantedBy() gives what the bridge needs alone when a pod asks for nothing", () => {
  expect(setsOf(POD)).toEqual(["bridges (shared)"]);
});

test("hashedChainsOf() gives a chain once when elements of both families lead to it", () => {
  expect(hashedChainsOf(wantedBy(EVERYTHING)).map(({ name }) => name)).toEqual([
    expect.stringMatching(/^masquerade-[0-9a-f]{16}$/),
  ]);
  expect(hashedChainsOf(wantedBy(POD))).toEqual([]);
});

test("tablesOf() gives the tables that elements are in", () => {
  expect(tablesOf(wantedBy(EVERYTHING)).map(({ kind }) => kind)).toEqual(["inet", "bridge"]);
  expect(tablesOf(wantedBy(POD)).map(({ kind }) => kind)).toEqual(["inet"]);
});

test("tablesOf() gives the table of bridges when the RA guard is wanted, which has no elements", () => {
  const kindsOf = (pod: PodTraffic) => tablesOf(wantedBy(pod)).map(({ kind }) => kind);
  expect(kindsOf(POD)).toEqual(["inet"]);
  expect(kindsOf({ ...POD, raGuard: "default" })).toEqual(["inet", "bridge"]);
});
