/** The allocator: round robin over ranges, requested addresses, exhaustion, and a naive model of it all. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Address, formatAddress } from "../../../src/addr/address.ts";
import { AddressUnavailable, allocate, PoolExhausted } from "../../../src/ipam/allocate.ts";
import { isAllocatable, type RangeSet } from "../../../src/ipam/range.ts";
import { range, rangeSet, reservations, texts } from "../../support/fixtures/ranges.ts";
import { address } from "../../support/fixtures/values.ts";

const TWO = "10.0.0.0/29, 10.0.1.0/30"; // gives .0.2 to .0.6 and .1.2

const ROUND_ROBIN: [name: string, set: string, taken: string[], last: string | undefined, wanted: string][] =
  [
    ["nothing was given yet", TWO, [], undefined, "10.0.0.2/29 via 10.0.0.1"],
    ["the start was given last", TWO, ["10.0.0.2"], "10.0.0.2", "10.0.0.3/29 via 10.0.0.1"],
    ["one in the middle was given last", TWO, [], "10.0.0.4", "10.0.0.5/29 via 10.0.0.1"],
    ["the next one is taken", TWO, ["10.0.0.5"], "10.0.0.4", "10.0.0.6/29 via 10.0.0.1"],
    ["the end of the first range was given last", TWO, [], "10.0.0.6", "10.0.1.2/30 via 10.0.1.1"],
    ["the end of the last range was given last", TWO, [], "10.0.1.2", "10.0.0.2/29 via 10.0.0.1"],
    ["all after the last are taken", TWO, ["10.0.0.6", "10.0.1.2"], "10.0.0.5", "10.0.0.2/29 via 10.0.0.1"],
    ["only the last itself is free", "10.0.0.0/30", [], "10.0.0.2", "10.0.0.2/30 via 10.0.0.1"],
    [
      "only one before the last is free",
      TWO,
      ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.1.2", "10.0.0.2"],
      "10.0.0.4",
      "10.0.0.3/29 via 10.0.0.1",
    ],
    ["the last is of no range any more", TWO, [], "10.9.9.9", "10.0.0.2/29 via 10.0.0.1"],
    ["the last is of the other family", TWO, [], "fd00::2", "10.0.0.2/29 via 10.0.0.1"],
    ["the released start is behind the last", TWO, ["10.0.0.3"], "10.0.0.3", "10.0.0.4/29 via 10.0.0.1"],
    ["the range begins with the network", "10.0.0.0/29 10.0.0.0-", [], undefined, "10.0.0.2/29 via 10.0.0.1"],
    [
      "the range ends with the broadcast address",
      "10.0.0.0/29 10.0.0.6-10.0.0.7",
      [],
      "10.0.0.6",
      "10.0.0.6/29 via 10.0.0.1",
    ],
    ["the gateway is in the middle", "10.0.0.0/29 via 10.0.0.3", [], "10.0.0.2", "10.0.0.4/29 via 10.0.0.3"],
    ["the gateway is elsewhere", "10.0.0.0/29 via 192.0.2.1", [], undefined, "10.0.0.1/29 via 192.0.2.1"],
    ["it is IPv6", "fd00::/64", ["fd00::2"], undefined, "fd00::3/64 via fd00::1"],
    [
      "it is IPv6 and the last address of all",
      "fd00::/126",
      ["fd00::2"],
      undefined,
      "fd00::3/126 via fd00::1",
    ],
    [
      "the range ends with the address space",
      "255.255.255.248/29 255.255.255.253-255.255.255.255",
      ["255.255.255.254"],
      "255.255.255.254",
      "255.255.255.253/29 via 255.255.255.249",
    ],
  ];

test.for(ROUND_ROBIN)("allocate() gives the next free address when %s", ([, set, taken, last, wanted]) => {
  expect(texts(allocate([rangeSet(set)], [], reservations(taken, [last])))).toEqual([wanted]);
});

test("allocate() gives one address for each set in the sets' order when there are several", () => {
  const sets = ["fd00::/64", TWO, "10.5.0.0/24"].map(rangeSet);
  const given = allocate(sets, [], reservations([], [undefined, "10.0.0.4", "10.5.0.9"]));
  expect(texts(given)).toEqual([
    "fd00::2/64 via fd00::1",
    "10.0.0.5/29 via 10.0.0.1",
    "10.5.0.10/24 via 10.5.0.1",
  ]);
  expect(given.map(({ setIndex }) => setIndex)).toEqual([0, 1, 2]);
});

const EXHAUSTED: [name: string, sets: string[], taken: string[], last: string | undefined, index: number][] =
  [
    [
      "all are taken",
      ["10.0.0.0/29"],
      ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"],
      undefined,
      0,
    ],
    ["all are taken and a marker is there", ["10.0.0.0/30"], ["10.0.0.2"], "10.0.0.2", 0],
    ["the only address is the gateway", ["10.0.0.0/24 10.0.0.1-10.0.0.1"], [], undefined, 0],
    ["the only address is the broadcast address", ["10.0.0.0/24 10.0.0.255-10.0.0.255"], [], undefined, 0],
    ["the second set has none", ["fd00::/64", "10.0.0.0/30"], ["10.0.0.2"], undefined, 1],
  ];

test.for(EXHAUSTED)(
  "allocate() throws PoolExhausted with the set when %s",
  ([, sets, taken, last, index]) => {
    const act = () => allocate(sets.map(rangeSet), [], reservations(taken, [last]));
    expect(act).toThrow(PoolExhausted);
    expect(act).toThrow(new RegExp(`range set ${index}: `));
  },
);

const REQUESTED: [name: string, sets: string[], asked: string[], wanted: string[]][] = [
  ["one that is free", ["10.0.0.0/24"], ["10.0.0.77"], ["10.0.0.77/24 via 10.0.0.1"]],
  ["one of the second range", [TWO], ["10.0.1.2"], ["10.0.1.2/30 via 10.0.1.1"]],
  [
    "one for each set in any order",
    ["10.0.0.0/24", "fd00::/64"],
    ["fd00::9", "10.0.0.9"],
    ["10.0.0.9/24 via 10.0.0.1", "fd00::9/64 via fd00::1"],
  ],
  [
    "one for the second set",
    ["10.0.0.0/24", "fd00::/64"],
    ["fd00::9"],
    ["10.0.0.2/24 via 10.0.0.1", "fd00::9/64 via fd00::1"],
  ],
  ["the same one twice", ["10.0.0.0/24"], ["10.0.0.9", "10.0.0.9"], ["10.0.0.9/24 via 10.0.0.1"]],
];

test.for(REQUESTED)("allocate() gives the requested address when asked for %s", ([, sets, asked, wanted]) => {
  expect(texts(allocate(sets.map(rangeSet), asked.map(address), reservations()))).toEqual(wanted);
});

const UNAVAILABLE: [name: string, sets: string[], asked: string[], mayComeFree: boolean, words: RegExp][] = [
  ["one that is taken", ["10.0.0.0/24"], ["10.0.0.2"], true, /10\.0\.0\.2 is reserved/],
  [
    "one outside of the range",
    ["10.0.0.0/24 10.0.0.5-10.0.0.9"],
    ["10.0.0.10"],
    false,
    /in no range of this network: 10\.0\.0\.5-10\.0\.0\.9/,
  ],
  ["one of another family", ["10.0.0.0/24"], ["fd00::2"], false, /in no range/],
  ["the gateway", ["10.0.0.0/24"], ["10.0.0.1"], false, /is the gateway/],
  [
    "two where there is one set",
    ["10.0.0.0/24"],
    ["10.0.0.8", "10.0.0.9"],
    false,
    /10\.0\.0\.9 is one too many/,
  ],
  [
    "the second where the first is fine",
    ["10.0.0.0/24", "fd00::/64"],
    ["10.0.0.8", "192.0.2.9"],
    false,
    /192\.0\.2\.9 is in no range/,
  ],
];

test.for(UNAVAILABLE)(
  "allocate() throws AddressUnavailable when asked for %s",
  ([, sets, asked, mayComeFree, words]) => {
    const act = () => allocate(sets.map(rangeSet), asked.map(address), reservations(["10.0.0.2"]));
    expect(act).toThrow(expect.objectContaining({ name: "AddressUnavailable", mayComeFree }));
    expect(act).toThrow(words);
    expect(act).toThrow(AddressUnavailable);
  },
);

test("allocate() never hands out the gateway of another range when both are of one subnet", () => {
  const set = rangeSet("10.0.0.0/24 10.0.0.2-10.0.0.4 via 10.0.0.6, 10.0.0.0/24 10.0.0.6-10.0.0.7");
  expect(texts(allocate([set], [], reservations(["10.0.0.2", "10.0.0.3", "10.0.0.4"])))).toEqual([
    "10.0.0.7/24 via 10.0.0.1",
  ]);
});

test("allocate() does not walk a huge range when its first addresses are free", () => {
  expect(texts(allocate([[range("fd00::/8")]], [], reservations()))).toEqual(["fd00::2/8 via fd00::1"]);
});

/** The set's usable addresses in order, each once. */
function usable(set: RangeSet): Address[] {
  return set.flatMap((one) => {
    const count = Number(one.end.value - one.start.value) + 1;
    const all = Array.from({ length: count }, (_, i) => ({
      ...one.start,
      value: one.start.value + BigInt(i),
    }));
    return all.filter((value) => isAllocatable(one, value));
  });
}

/** host-local's rule said plainly: of the usable ones that are free, the first after `last`, else the first. */
function model(set: RangeSet, taken: ReadonlySet<string>, last: Address | undefined): string | undefined {
  const free = usable(set).filter((value) => !taken.has(formatAddress(value)));
  const home = set.findIndex(
    (one) =>
      last !== undefined &&
      usable([one])
        .concat(one.start, one.end)
        .some((value) => value.value === last.value),
  );
  const isAfter = (value: Address) => {
    const place = set.findIndex((one) => value.value >= one.start.value && value.value <= one.end.value);
    return place > home || (place === home && last !== undefined && value.value > last.value);
  };
  const next = home < 0 ? free[0] : (free.find(isAfter) ?? free[0]);
  return next === undefined ? undefined : formatAddress(next);
}

const SETS = [
  "10.0.0.0/29",
  TWO,
  "10.0.0.0/28 10.0.0.0-10.0.0.4, 10.0.0.0/28 10.0.0.9-10.0.0.15 via 10.0.0.11",
  "fd00::/125",
  "10.0.1.0/30, 10.0.0.0/29, 10.0.2.0/30",
];

test("allocate() agrees with a naive model when taken addresses and the marker are random", () => {
  const state = fc.constantFrom(...SETS).chain((text) => {
    const all = rangeSet(text)
      .flatMap((one) => usable([one]).concat(one.start, one.end))
      .map(formatAddress);
    return fc.record({
      text: fc.constant(text),
      taken: fc.subarray([...new Set(all)]),
      last: fc.option(fc.constantFrom(...all), { nil: undefined }),
    });
  });
  fc.assert(
    fc.property(state, ({ text, taken, last }) => {
      const set = rangeSet(text);
      const wanted = model(set, new Set(taken), last === undefined ? undefined : address(last));
      const act = () => allocate([set], [], reservations(taken, [last]));
      if (wanted === undefined) expect(act).toThrow(PoolExhausted);
      else expect(formatAddress(act()[0]?.address.address ?? address("::"))).toBe(wanted);
    }),
    { numRuns: 2000 },
  );
});

test("allocate() gives every usable address once when it is asked until the pool is exhausted", () => {
  for (const text of SETS) {
    const set = rangeSet(text);
    const taken: string[] = [];
    for (let count = usable(set).length; count > 0; count--) {
      const [given] = allocate([set], [], reservations(taken, [taken.at(-1)]));
      taken.push(formatAddress(given?.address.address ?? address("::")));
    }
    expect(taken).toEqual(usable(set).map(formatAddress));
    expect(() => allocate([set], [], reservations(taken, [taken.at(-1)]))).toThrow(PoolExhausted);
  }
});
