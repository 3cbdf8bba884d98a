/** The runner of checks: each for itself, fixes once. */

import { expect, test } from "vitest";
import type { Facts } from "../../../../src/cli/doctor/facts.ts";
import { type Check, ok, warning } from "../../../../src/cli/doctor/finding.ts";
import { formatFindings } from "../../../../src/cli/doctor/print.ts";
import { type Found, mend, runChecks } from "../../../../src/cli/doctor/run-checks.ts";
import { refused } from "../../../../src/cli/failure.ts";
import { SyscallError } from "../../../../src/linux/error.ts";

const NO_FACTS = {} as Facts; // `as`: these checks look at none

function check(name: string, run: Check["run"]): Check {
  return { group: "kernel", name, run };
}

function failing(error: Error): () => never {
  return () => {
    throw error;
  };
}

test.for([
  [
    "any error",
    new Error("no way"),
    { level: "fault", text: "bad could not be looked at: unexpected Error: no way" },
  ],
  ["a refusal", refused("no way", "do it"), { level: "fault", text: "no way", command: "do it" }],
  [
    "a lack of rights underneath",
    new Error("no way", { cause: new SyscallError("setns", "EPERM", "/x") }),
    { level: "warning", text: "bad: not looked at, for lack of rights", command: "" },
  ],
  [
    "a lack of rights",
    new SyscallError("open", "EACCES", "/x"),
    { level: "warning", text: "bad: not looked at, for lack of rights", command: "" },
  ],
] as const)("runChecks() goes on when one check ends with %s", async ([, error, wanted]) => {
  const checks = [check("bad", failing(error)), check("good", () => [ok("fine")])];
  expect(await runChecks(checks, NO_FACTS)).toMatchObject([
    { group: "kernel", check: "bad", ...wanted },
    { group: "kernel", check: "good", level: "ok", text: "fine" },
  ]);
});

test("runChecks() goes on when a check fails later", async () => {
  const found = await runChecks([check("bad", () => Promise.reject(new Error("late")))], NO_FACTS);
  expect(found.map(({ level }) => level)).toEqual(["fault"]);
});

function found(more: Partial<Found>): Found {
  return { ...ok("fine"), group: "g", check: "c", ...more };
}

test("mend() runs a fix once when several findings have it, and goes on when another fails", () => {
  let runs = 0;
  const fix = () => [`done ${++runs}`];
  expect(mend([found({ fix }), found({ fix: failing(new Error("no way")) }), found({ fix })])).toEqual([
    "done 1",
    "failed: unexpected Error: no way",
  ]);
});

const TROUBLE = {
  ...warning("odd", { meaning: "bad luck", command: "do it", details: ["a"] }),
  group: "h",
  check: "c",
};

test("formatFindings() prints groups, marks, meanings, commands and a sum when something is not well", () => {
  expect(formatFindings([found({ details: ["hidden"] }), { ...TROUBLE, fix: () => [] }], {})).toBe(`g
  ✓ fine

h
  ! odd
      a
      bad luck
      → do it

0 faults, 1 warning; podwire doctor --fix mends 1 of them`);
});

test("formatFindings() shows the details of what is well when asked for them", () => {
  expect(formatFindings([found({ details: ["shown"] })], { verbose: true })).toBe(
    "g\n  ✓ fine\n      shown\n\nAll is well.",
  );
});

test.for([
  ["ten and how many more", {}, 11, "      and 2 more"],
  ["all when asked for them", { verbose: true }, 12, "      line 12"],
] as const)("formatFindings() shows of twelve details %s", ([, options, number, last]) => {
  const details = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`);
  const lines = formatFindings([{ ...TROUBLE, details }], options)
    .split("\n")
    .slice(2, 2 + number);
  expect([lines.length, lines.at(-1)]).toEqual([number, last]);
});
