/** Results in all seven versions, written and read, and every pair of versions converted. */

import { expect, test } from "vitest";
import { decodeResult } from "../../../src/cni/decode-result.ts";
import { encodeResult } from "../../../src/cni/encode-result.ts";
import type { Result } from "../../../src/cni/result.ts";
import { requireSupported, SUPPORTED_VERSIONS } from "../../../src/cni/versions.ts";
import { cniErrorOf } from "../../support/fixtures/request.ts";
import { DOCUMENTS, RESULTS } from "../../support/fixtures/results.ts";
import { prefix } from "../../support/fixtures/values.ts";

/** The document as it goes over the wire: what JSON leaves out is left out. */
function encode(result: Result, version: string): unknown {
  return JSON.parse(JSON.stringify(encodeResult(result, requireSupported(version))));
}

function decode(value: unknown, version = "1.1.0"): Result {
  return decodeResult({ path: "prevResult", value }, requireSupported(version));
}

test("DOCUMENTS has every version and sort when the tables below run over it", () => {
  expect(DOCUMENTS).toHaveLength(SUPPORTED_VERSIONS.length * Object.keys(RESULTS).length);
});

const EXPRESSIBLE = DOCUMENTS.filter((row) => row.document !== undefined);
const INEXPRESSIBLE = DOCUMENTS.filter((row) => row.document === undefined);

test.for(EXPRESSIBLE)("encodeResult() writes the version's own shape when it is $sort in $version", (row) => {
  expect(encode(RESULTS[row.sort], row.version)).toEqual(row.document);
});

test.for(INEXPRESSIBLE)("encodeResult() gives code 7 when $version has no way to say $sort", (row) => {
  expect(cniErrorOf(() => encode(RESULTS[row.sort], row.version))).toMatchObject({ code: 7 });
});

test.for(EXPRESSIBLE)(
  "decodeResult() gives the same document again when it read $sort in $version",
  (row) => {
    expect(encode(decode(row.document), row.version)).toEqual(row.document);
  },
);

const PAIRS = EXPRESSIBLE.flatMap((from) =>
  DOCUMENTS.filter((to) => to.sort === from.sort).map((to) => ({ sort: from.sort, from, to })),
);

test("every pair of versions converts as the newer shape allows when a result goes from one to the other", () => {
  expect(PAIRS.length).toBeGreaterThan(150);
  for (const { from, to } of PAIRS) {
    const name = `${from.sort} from ${from.version} to ${to.version}`;
    const read = decode(from.document);
    if (to.document === undefined) {
      expect(cniErrorOf(() => encode(read, to.version)).code, name).toBe(7);
      continue;
    }
    expect(encode(decode(encode(read, to.version)), to.version), name).toEqual(encode(read, to.version));
    if (from.version >= to.version && from.version !== "1.0.0")
      expect(encode(read, to.version), name).toEqual(to.document);
  }
});

test("decodeResult() fills in what is missing when a document of 0.2.0 becomes one of 1.1.0", () => {
  const old = {
    cniVersion: "0.2.0",
    ip6: { ip: "fd00::5/64", routes: [{ dst: "::/0" }] },
    ip4: { ip: "10.1.0.5/16", gateway: "10.1.0.1", routes: [{ dst: "0.0.0.0/0", gw: "10.1.0.1" }] },
    dns: {},
  };
  expect(encode(decode(old), "1.1.0")).toEqual({
    cniVersion: "1.1.0",
    ips: [{ address: "10.1.0.5/16", gateway: "10.1.0.1" }, { address: "fd00::5/64" }],
    routes: [{ dst: "0.0.0.0/0", gw: "10.1.0.1" }, { dst: "::/0" }],
  });
});

test("encodeResult() keeps the first address of each family when 0.2.0 has room for one", () => {
  const ips = ["10.1.0.5/16", "10.2.0.5/16", "fd00::5/64", "fd01::5/64"].map((text) => ({
    address: prefix(text),
  }));
  const routes = [{ dst: prefix("10.9.0.0/16") }, { dst: prefix("fd09::/64") }];
  expect(encode({ interfaces: [], ips, routes, dns: {} }, "0.2.0")).toEqual({
    cniVersion: "0.2.0",
    ip4: { ip: "10.1.0.5/16", routes: [{ dst: "10.9.0.0/16" }] },
    ip6: { ip: "fd00::5/64", routes: [{ dst: "fd09::/64" }] },
    dns: {},
  });
});

test("encodeResult() drops routes when 0.2.0 has no address of their family", () => {
  const ips = [{ address: prefix("10.1.0.5/16") }];
  const routes = [{ dst: prefix("::/0") }];
  expect(encode({ interfaces: [], ips, routes, dns: {} }, "0.2.0")).toEqual({
    cniVersion: "0.2.0",
    ip4: { ip: "10.1.0.5/16" },
    dns: {},
  });
});

test("encodeResult() keeps interface 0 and host bits when they are given", () => {
  const result = {
    ...RESULTS.l2,
    ips: [{ interface: 0, address: prefix("10.1.0.5/16") }],
    routes: [{ dst: prefix("10.2.3.4/16") }],
  };
  expect(encode(result, "1.0.0")).toMatchObject({
    ips: [{ interface: 0, address: "10.1.0.5/16" }],
    routes: [{ dst: "10.2.3.4/16" }],
  });
});

test.for([
  ["1.1.0", undefined],
  ["1.0.0", undefined],
  ["0.4.0", {}],
  ["0.2.0", {}],
] as const)(
  "encodeResult() writes no empty lists of resolver settings when the version is %s",
  ([version, dns]) => {
    const result = { ...RESULTS.v4, dns: { nameservers: [], search: [], options: [] } };
    expect(encode(result, version)).toHaveProperty("cniVersion", version);
    expect((encode(result, version) as { dns?: object }).dns).toEqual(dns);
  },
);
