/** Networks: what their JSON may say, what it comes to, and what is refused with which words. */

import { expect, test } from "vitest";
import { InvalidFile } from "../../../../src/network/format/document.ts";
import { decodeNetwork, encodeNetwork } from "../../../../src/network/format/network.ts";
import { located, network, SRIOV, WEB, WEB_RANGE, WEB_RANGE_6 } from "../../../support/fixtures/networks.ts";
import { address, prefix } from "../../../support/fixtures/values.ts";

const RANGE = {
  subnet: prefix("10.10.120.0/24"),
  start: address("10.10.120.11"),
  end: address("10.10.120.100"),
  gateway: address("10.10.120.1"),
};

test("decodeNetwork() gives addresses as values when all that it needs is there", () => {
  expect(network("web")).toStrictEqual({
    name: "web",
    ranges: [RANGE],
    vlan: 120,
    attach: { kind: "bridge", uplink: "eth1" },
  });
});

const FULL = {
  name: "web",
  type: "storage",
  ranges: [WEB_RANGE, WEB_RANGE_6],
  vlan: 4094,
  vlanQos: 7,
  vlanProto: "802.1ad",
  group: "group1",
  zone: "zone2",
  mtu: 9000,
  attach: {
    kind: "sriov",
    pfs: ["ens1f0", "ens1f1"],
    vfs: "0-7,12",
    driver: "vfio-pci",
    bind: true,
    spoofchk: false,
    trust: true,
    linkState: "enable",
  },
};

test("decodeNetwork() reads every member when all are there", () => {
  expect(decodeNetwork(located(FULL), "web")).toMatchObject({
    type: "storage",
    vlan: 4094,
    vlanQos: 7,
    vlanProto: "802.1ad",
    group: "group1",
    zone: "zone2",
    mtu: 9000,
    attach: {
      ...FULL.attach,
      vfs: [
        { first: 0, last: 7 },
        { first: 12, last: 12 },
      ],
    },
  });
});

test.for([
  ["every member", FULL],
  ["few members", { name: "web", ...WEB }],
  ["no gateway", { name: "web", ...WEB, ranges: [{ ...WEB_RANGE, gateway: undefined }] }],
] as const)("encodeNetwork() undoes decodeNetwork() when there is %s", ([, document]) => {
  const encoded = encodeNetwork(decodeNetwork(located(document), "web"));
  expect(JSON.parse(JSON.stringify(encoded))).toEqual(located(document).value);
});

test.for([
  ["driver", { attach: SRIOV }, { kind: "sriov", pfs: ["ens1f0"], driver: "netdev" }],
  ["bind false", { attach: { ...SRIOV, bind: false } }, { kind: "sriov", pfs: ["ens1f0"], driver: "netdev" }],
  ["macvlan", { attach: { kind: "macvlan", uplink: "eth1" } }, { kind: "macvlan", uplink: "eth1" }],
] as const)("decodeNetwork() fills in the attach when it is %s", ([, more, wanted]) => {
  expect(network("web", more).attach).toStrictEqual(wanted);
});

test.for([
  [{ $schema: "network.schema.json" }],
  [{ name: "web" }],
  [{ vlan: 1 }],
  [{ vlan: 4094 }],
  [{ vlan: undefined }],
  [{ vlanProto: "802.1q" }],
  [{ vlanQos: 0, attach: SRIOV }],
  [{ mtu: 68 }],
  [{ mtu: 65535 }],
  [{ mtu: 1280, ranges: [WEB_RANGE_6] }],
  [{ ranges: [{ ...WEB_RANGE, start: "10.10.120.1", end: "10.10.120.254", gateway: undefined }] }],
  [{ ranges: [{ ...WEB_RANGE, start: "10.10.120.11", end: "10.10.120.11" }] }],
  [{ ranges: [{ ...WEB_RANGE, gateway: "10.10.120.10" }] }],
  [{ ranges: [{ ...WEB_RANGE, gateway: "10.10.120.101" }] }],
  [{ ranges: [{ ...WEB_RANGE_6, end: "fd00:120::ffff:ffff:ffff:ffff" }] }],
  [{ ranges: [{ subnet: "10.0.0.0/30", start: "10.0.0.1", end: "10.0.0.2" }] }],
  [{ ranges: [WEB_RANGE_6, WEB_RANGE] }],
] as const)("decodeNetwork() takes a network when it says %j", ([more]) => {
  expect(() => network("web", more)).not.toThrow();
});

const range = (more: object) => ({ ranges: [{ ...WEB_RANGE, ...more }] });
const attach = (more: object) => ({ attach: { ...SRIOV, ...more } });

test.for([
  ["name", { name: "blue" }, '"blue" is not as the file is called, "web"'],
  ["name", { name: 5 }, 'want "web", got 5'],
  ["gatway", { gatway: "10.10.120.1" }, /^is unknown, want one of .*, ranges, vlan,/],
  ["VLAN", { VLAN: 5 }, 'is unknown; did you mean "vlan"?'],
  ["type", { type: "" }, /^want 1 to 63 letters.*got ""$/],
  ["type", { type: null }, /^want .*got null$/],
  ["group", { group: "a b" }, /^want .*got "a b"$/],
  ["zone", { zone: "-a" }, /^want .*got "-a"$/],
  ["ranges", { ranges: undefined }, "is missing"],
  ["ranges", { ranges: [] }, "want a list of at least one, got []"],
  ["ranges", { ranges: WEB_RANGE }, /^want a list of at least one, got {/],
  ["ranges[0]", { ranges: ["10.10.120.0/24"] }, 'want an object, got "10.10.120.0/24"'],
  ["ranges[1]", { ranges: [WEB_RANGE, WEB_RANGE] }, /same family/],
  ["ranges[0].gatway", range({ gatway: "10.10.120.1" }), 'is unknown; did you mean "gateway"?'],
  ["ranges[0].subnet", range({ subnet: undefined }), "is missing"],
  ["ranges[0].subnet", range({ subnet: "10.10.120.0" }), /^want a subnet like .* got "10.10.120.0"$/],
  ["ranges[0].subnet", range({ subnet: "10.10.120.1/24" }), /has host bits set, want 10\.10\.120\.0\/24/],
  [
    "ranges[0].subnet",
    range({ subnet: "10.10.120.0/31" }),
    "10.10.120.0/31 is too small, want /30 or larger",
  ],
  ["ranges[0].subnet", range({ subnet: "fd00::/127" }), "fd00::/127 is too small, want /126 or larger"],
  ["ranges[0].start", range({ start: undefined }), "is missing"],
  ["ranges[0].start", range({ start: "10.10.120.011" }), /^want an address like/],
  ["ranges[0].start", range({ start: "10.9.0.1" }), '"10.9.0.1" is not in subnet 10.10.120.0/24'],
  ["ranges[0].start", range({ start: "fd00::1" }), '"fd00::1" is not in subnet 10.10.120.0/24'],
  ["ranges[0].start", range({ start: "10.10.120.0" }), "10.10.120.0 is the address of the subnet itself"],
  ["ranges[0].start", { ranges: [{ ...WEB_RANGE_6, start: "fd00:120::" }] }, /the subnet itself/],
  ["ranges[0].end", range({ end: undefined }), "is missing"],
  ["ranges[0].end", range({ end: "10.10.121.1" }), '"10.10.121.1" is not in subnet 10.10.120.0/24'],
  ["ranges[0].end", range({ end: "10.10.120.10" }), "10.10.120.10 is before the start, 10.10.120.11"],
  ["ranges[0].end", range({ end: "10.10.120.255" }), /broadcast address of 10\.10\.120\.0\/24/],
  ["ranges[0].gateway", range({ gateway: "10.10.121.1" }), '"10.10.121.1" is not in subnet 10.10.120.0/24'],
  [
    "ranges[0].gateway",
    range({ gateway: "10.10.120.11" }),
    /inside the range 10\.10\.120\.11-10\.10\.120\.100/,
  ],
  ["ranges[0].gateway", range({ gateway: "10.10.120.100" }), /inside the range/],
  ["ranges[0].gateway", range({ gateway: "10.10.120.0" }), /no host's address/],
  ["ranges[0].gateway", range({ gateway: "10.10.120.255" }), /no host's address/],
  ["vlan", { vlan: 0 }, "want a whole number from 1 to 4094, got 0"],
  ["vlan", { vlan: 4095 }, /got 4095$/],
  ["vlan", { vlan: 1.5 }, /got 1.5$/],
  ["vlan", { vlan: "120" }, /got "120"$/],
  ["vlanQos", { vlanQos: 8, attach: SRIOV }, "want a whole number from 0 to 7, got 8"],
  ["vlanQos", { vlanQos: 1, vlan: undefined, attach: SRIOV }, 'wants "vlan" beside it'],
  ["vlanQos", { vlanQos: 1 }, 'has a meaning with attach.kind "sriov" only'],
  ["vlanProto", { vlanProto: "802.1Q" }, 'want "802.1q" or "802.1ad", got "802.1Q"'],
  ["vlanProto", { vlanProto: "802.1q", vlan: undefined }, 'wants "vlan" beside it'],
  ["vlanProto", { vlanProto: "802.1ad" }, 'has a meaning with attach.kind "sriov" only'],
  ["mtu", { mtu: 67 }, "want a whole number from 68 to 65535, got 67"],
  ["mtu", { mtu: 65536 }, /got 65536$/],
  [
    "mtu",
    { mtu: 1279, ranges: [WEB_RANGE, WEB_RANGE_6] },
    "want a whole number from 1280 to 65535, got 1279",
  ],
  ["attach", { attach: undefined }, "is missing"],
  ["attach.kind", { attach: { uplink: "eth1" } }, "is missing"],
  ["attach.kind", { attach: { kind: "ipvlan" } }, 'want "sriov" or "bridge" or "macvlan", got "ipvlan"'],
  ["attach.uplink", { attach: { kind: "bridge" } }, "is missing"],
  ["attach.uplink", { attach: { kind: "macvlan", uplink: "a/b" } }, /^want an interface name .* got "a\/b"$/],
  ["attach.uplink", attach({ uplink: "eth1" }), 'has no meaning with kind "sriov"'],
  ["attach.trust", { attach: { ...WEB.attach, trust: true } }, 'has no meaning with kind "bridge"'],
  ["attach.pfs", attach({ pfs: undefined }), "is missing"],
  ["attach.pfs", attach({ pfs: [] }), "want a list of at least one, got []"],
  ["attach.pfs[1]", attach({ pfs: ["a", "a"] }), '"a" is there twice'],
  ["attach.pfs[1]", attach({ pfs: ["a", "b c"] }), /^want an interface name/],
  ["attach.vfs", attach({ vfs: "7-0" }), /^want VFs by index .* got "7-0"$/],
  ["attach.driver", attach({ driver: "igbvf" }), 'want "netdev" or "vfio-pci", got "igbvf"'],
  ["attach.bind", attach({ bind: true }), 'has a meaning with driver "vfio-pci" only'],
  ["attach.bind", attach({ bind: 1 }), "want true or false, got 1"],
  ["attach.spoofchk", attach({ spoofchk: "on" }), 'want true or false, got "on"'],
  ["attach.linkState", attach({ linkState: "up" }), 'want "auto" or "enable" or "disable", got "up"'],
  ["", [], "want an object, got []"],
] as const)("decodeNetwork() refuses %s when given %j", ([field, more, problem]) => {
  const decode = () => decodeNetwork(located(Array.isArray(more) ? more : { ...WEB, ...more }), "web");
  expect(decode).toThrow(InvalidFile);
  expect(decode).toThrow(
    expect.objectContaining({
      file: "/etc/x.json",
      field,
      problem: typeof problem === "string" ? problem : expect.stringMatching(problem),
    }),
  );
});

test.for([["none"], ["Web"], ["-web"], ["web-"], ["a.b"], [""], ["a".repeat(64)], ["a/b"]])(
  "decodeNetwork() refuses the name when the file is called %j",
  ([name = ""]) => {
    expect(() => network(name)).toThrow(expect.objectContaining({ field: "name" }));
  },
);

test("InvalidFile says file, field and fault when it is printed", () => {
  const decode = () => network("web", range({ start: "10.9.0.1" }));
  expect(decode).toThrow('/etc/x.json: ranges[0].start: "10.9.0.1" is not in subnet 10.10.120.0/24');
});
