/** `podwire doctor configuration`: networks by name, and what they stand on. */

import { expect, test } from "vitest";
import { judgeNetworks, judgeUplinks } from "../../../../../../src/cli/doctor/checks/network/networks.ts";
import type { NamedObjects } from "../../../../../../src/cli/doctor/named.ts";
import { InvalidFile } from "../../../../../../src/network/format/document.ts";
import { commands, link, said } from "../../../../../support/fixtures/doctor.ts";
import { network, SRIOV } from "../../../../../support/fixtures/networks.ts";
import { address, prefix } from "../../../../../support/fixtures/values.ts";

const DEFAULT = "/etc/cni/net.d/podwire.d/default-network";
const WEB = network("web");
const NAMED: NamedObjects = {
  networks: [WEB],
  tiers: [],
  endpoints: [],
  defaultNetwork: undefined,
  faults: [],
};
const ENDPOINT = { name: "ep1", namespace: "shop", network: "web", addresses: [address("10.10.120.12")] };

const judge = (more: Partial<NamedObjects>) => judgeNetworks({ ...NAMED, ...more }, [], DEFAULT);
const BROKEN = new InvalidFile("/etc/cni/net.d/podwire.d/networks/db.json", "vlan", "want a number");

test("judgeNetworks() is content when all files say what they must", () => {
  expect(said(judge({ endpoints: [ENDPOINT], defaultNetwork: "web" }))).toEqual([
    ["ok", "1 network by name, with 1 endpoint"],
  ]);
});

test.for([
  ["a file is wrong", { faults: [BROKEN] }, BROKEN.message],
  [
    "the default network is none",
    { defaultNetwork: "nix" },
    'the default network is "nix", and there is none of that name',
  ],
  [
    "an endpoint's network is none",
    { endpoints: [{ ...ENDPOINT, network: "nix" }] },
    'endpoint "shop/ep1": there is no network "nix"',
  ],
  [
    "an endpoint is outside of its network",
    { endpoints: [{ ...ENDPOINT, addresses: [address("10.10.120.200")] }] },
    'endpoint "shop/ep1": address 10.10.120.200 is not in the range 10.10.120.11-10.10.120.100 of network "web"',
  ],
  [
    "two networks overlap",
    { networks: [WEB, network("web2")] },
    expect.stringContaining('network "web" overlaps with network "web2"'),
  ],
  ["a wrong file is the default network's", { faults: [BROKEN], defaultNetwork: "db" }, BROKEN.message],
  [
    "a wrong file is an endpoint's network",
    { faults: [BROKEN], endpoints: [{ ...ENDPOINT, network: "db" }] },
    BROKEN.message,
  ],
] as const)("judgeNetworks() finds one fault when %s", ([, more, text]) => {
  expect(said(judge(more))).toEqual([["fault", text]]);
});

test("judgeNetworks() finds a fault when a network has addresses of a pod network", () => {
  const holder = "the pod network of /etc/cni/net.d/10-x.conflist";
  const found = judgeNetworks(NAMED, [{ prefix: prefix("10.10.0.0/16"), holder }], DEFAULT);
  expect(commands(found)).toEqual(["podwire network delete web"]);
});

const MACVLAN = network("lan", { attach: { kind: "macvlan", uplink: "eth1" } });

test.for([
  ["all is well", [WEB, MACVLAN], link({ ifname: "eth1" }), {}, []],
  ["it is missing", [WEB], undefined, {}, ['network "web": uplink "eth1" does not exist on this node']],
  [
    "the node needs it",
    [WEB],
    link({ ifname: "eth1" }),
    { eth1: "has addresses" },
    ['network "web": uplink "eth1" has addresses'],
  ],
  [
    "it is down under macvlan",
    [MACVLAN],
    link({ ifname: "eth1", isUp: false }),
    {},
    ['network "lan": uplink "eth1" is down'],
  ],
  ["it is down before a bridge sets it up", [WEB], link({ ifname: "eth1", isUp: false }), {}, []],
  ["functions need none", [network("fast", { attach: SRIOV })], undefined, {}, []],
] as const)(
  "judgeUplinks() says what is wrong with the uplink when %s",
  ([, networks, uplink, misuses, wanted]) => {
    const found = judgeUplinks(
      networks,
      uplink === undefined ? [] : [uplink],
      new Map(Object.entries(misuses)),
    );
    expect(said(found).filter(([level]) => level !== "ok")).toEqual(wanted.map((text) => ["fault", text]));
  },
);
