/** Attachments: names and addresses that follow from the key alone, and fit into the kernel's limits. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { isStationMac, parseMac } from "../../../src/addr/mac.ts";
import {
  type Attachment,
  aliasOf,
  describeAttachment,
  hostIfnameOf,
  macsOf,
  parseAlias,
  parseVfAlias,
  vfAliasOf,
} from "../../../src/attachment/attachment.ts";
import { bytesOf } from "../../support/fixtures/request.ts";

const LETTERS = [..."abcXYZ019_.-"];

/** Names as the specification allows them, up to a length. */
function identifier(maxLength: number): fc.Arbitrary<string> {
  const rest = fc.array(fc.constantFrom(...LETTERS), { maxLength: maxLength - 1 });
  return fc.tuple(fc.constantFrom("a", "Z", "0"), rest).map(([head, tail]) => head + tail.join(""));
}

const ifname = fc.oneof(identifier(15), fc.constantFrom("eth0", "é".repeat(7), "網路網路網"));

function attachment(maxLength: number): fc.Arbitrary<Attachment> {
  return fc.record({ network: identifier(maxLength), containerId: identifier(maxLength), ifname });
}

const C1 = { network: "mynet", containerId: "c1", ifname: "eth0" };

test("hostIfnameOf() gives a name of at most 15 safe bytes when given any attachment", () => {
  fc.assert(
    fc.property(attachment(200), (value) => {
      expect(hostIfnameOf(value)).toMatch(/^veth[0-9a-f]{11}$/);
    }),
  );
});

test("names and addresses are the same when they are asked for again", () => {
  fc.assert(
    fc.property(attachment(80), (value) => {
      const again = { ...value };
      expect([hostIfnameOf(again), macsOf(again), aliasOf(again)]).toEqual([
        hostIfnameOf(value),
        macsOf(value),
        aliasOf(value),
      ]);
    }),
  );
});

test.for([
  ["the container", { ...C1, containerId: "c2" }],
  ["the interface", { ...C1, ifname: "eth1" }],
  ["the cut between both", { ...C1, containerId: "c", ifname: "1eth0" }],
] as const)("names and addresses differ when %s differs", ([, other]) => {
  expect(hostIfnameOf(other)).not.toBe(hostIfnameOf(C1));
  expect(macsOf(other).host).not.toBe(macsOf(C1).host);
  expect(macsOf(other).container).not.toBe(macsOf(C1).container);
});

test("hostIfnameOf() gives no name twice when there are ten thousand containers", () => {
  const names = Array.from({ length: 10_000 }, (_, i) => hostIfnameOf({ ...C1, containerId: `c${i}` }));
  expect(new Set(names).size).toBe(names.length);
});

test("macsOf() gives two different station addresses when given any attachment", () => {
  fc.assert(
    fc.property(attachment(80), (value) => {
      const { host, container } = macsOf(value);
      expect([parseMac(host), isStationMac(host)]).toEqual([host, true]);
      expect([parseMac(container), isStationMac(container)]).toEqual([container, true]);
      expect(host).not.toBe(container);
    }),
  );
});

test("aliasOf() with its closing NUL is shorter than IFALIASZ when names have any length", () => {
  const IFALIASZ = 256; // linux/if.h; dev_set_alias refuses this length and more
  const ifnames = ["eth0", "abcdefghijklmno", "網路網路網"];
  const lengths = Array.from({ length: 400 }, (_, count) =>
    ifnames.map((name) => aliasOf({ ...C1, network: "n".repeat(count + 1), ifname: name })),
  );
  const longest = Math.max(...lengths.flat().map((alias) => bytesOf(`${alias}\0`).length));
  expect(longest).toBeLessThan(IFALIASZ);
  expect(longest).toBeGreaterThan(200);
});

test("aliasOf() says network, container and interface when they fit", () => {
  expect(aliasOf(C1)).toBe("podwire mynet/c1/eth0");
});

const FIRST = { ifname: "ens1f0v3", mac: "8e:3a:74:ea:01:36", mtu: 1500, txQueueLength: 1000 };

test("parseVfAlias() undoes vfAliasOf() when the names fit", () => {
  fc.assert(
    fc.property(attachment(80), (value) => {
      expect(parseVfAlias(vfAliasOf(value, FIRST))).toEqual(FIRST);
      expect(parseAlias(vfAliasOf(value, FIRST))).toEqual(value);
    }),
  );
});

test("vfAliasOf() with its closing NUL is never longer than IFALIASZ, and keeps the name, when names have any length", () => {
  for (let count = 1; count < 400; count++) {
    const value = { ...C1, network: "n".repeat(count), ifname: "網路網路網" };
    const alias = vfAliasOf(value, { ...FIRST, ifname: "abcdefghijklmno" });
    expect(bytesOf(`${alias}\0`).length).toBeLessThanOrEqual(256); // linux/if.h
    expect(parseVfAlias(alias)?.ifname).toBe("abcdefghijklmno");
    expect(alias.startsWith(`${aliasOf(value)} `)).toBe(true);
  }
});

test.for([
  ["podwire mynet/c1/eth0 ens1", { ifname: "ens1" }],
  ["podwire mynet/c1/eth0", undefined],
  ["uplink mynet/c1/eth0 ens1", undefined],
] as const)("parseVfAlias() of %j is %j", ([alias, want]) => {
  expect(parseVfAlias(alias)).toEqual(want);
});

test("aliasOf() tells attachments apart when their names are too long", () => {
  const long = { ...C1, network: "n".repeat(300) };
  expect(aliasOf(long)).not.toBe(aliasOf({ ...long, containerId: "c2" }));
  expect(aliasOf(long)).toMatch(/^podwire \S+$/);
});

test("parseAlias() undoes aliasOf() when the names fit", () => {
  fc.assert(
    fc.property(attachment(80), (value) => {
      expect(parseAlias(aliasOf(value))).toEqual(value);
    }),
  );
});

test.for([
  "",
  "podwire bridge",
  "podwire",
  "podwire a/b",
  "podwire a/b/c/d",
  "podwire /b/c",
  "Podwire a/b/c",
  "xpodwire a/b/c",
  aliasOf({ ...C1, network: "n".repeat(300) }),
])("parseAlias() gives undefined when the alias is %j", (alias) => {
  expect(parseAlias(alias)).toBeUndefined();
});

test("describeAttachment() names all three parts when a message needs them", () => {
  expect(describeAttachment(C1)).toBe("mynet/c1/eth0");
});
