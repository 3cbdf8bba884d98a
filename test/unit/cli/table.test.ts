/** Tables: columns that line up, whatever the cells hold. */

import { expect, test } from "vitest";
import { formatTable } from "../../../src/cli/table.ts";

test("formatTable() gives each column the width of its longest cell when there are rows", () => {
  const rows = [
    ["blue (default)", "100", ""],
    ["red", "", "zone2"],
  ];
  expect(formatTable(["NAME", "VLAN", "ZONE"], rows).split("\n")).toEqual([
    "NAME             VLAN      ZONE",
    "blue (default)   100",
    "red                        zone2",
  ]);
});

test("formatTable() gives the header alone when there is no row", () => {
  expect(formatTable(["A", "NETWORK-GROUP", "B"], [])).toBe("A         NETWORK-GROUP   B");
});

test("formatTable() puts the header in bold type when asked to", () => {
  expect(formatTable(["A"], [["x"]], true)).toBe("\u001b[1mA\u001b[0m\nx");
});
