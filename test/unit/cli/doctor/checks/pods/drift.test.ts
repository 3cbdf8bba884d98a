/** `podwire doctor drift`: whether the kernel is as the records say. */

import { expect, test } from "vitest";
import {
  judgeAttachments,
  judgeForeign,
  judgeLosses,
  judgeTables,
} from "../../../../../../src/cli/doctor/checks/pods/drift.ts";
import { commands, said } from "../../../../../support/fixtures/doctor.ts";

const LOST = { network: "mynet", containerId: "c1", ifname: "eth0", missing: 2, rules: true } as const;

test.for([
  ["elements and rules", {}, "mynet/c1/eth0: 2 elements and the rules"],
  ["one element", { missing: 1, rules: false }, "mynet/c1/eth0: 1 element"],
  [
    "the way through others' chains",
    { missing: 0, rules: false, forward: true },
    "mynet/c1/eth0: the way through others' chains",
  ],
  [
    "the way from 127.0.0.1",
    { missing: 0, rules: false, localnet: true },
    "mynet/c1/eth0: the way from 127.0.0.1",
  ],
  ["nobody knows what", { problem: "EIO" }, "mynet/c1/eth0: could not be looked at: EIO"],
] as const)("judgeLosses() names what was lost when it is %s", ([, more, detail]) => {
  const [found] = judgeLosses([{ ...LOST, ...more }]);
  expect(found).toMatchObject({ level: "fault", details: [detail], command: "podwire repair" });
  expect(found?.fix).toBeTypeOf("function");
});

test("judgeForeign() names the elements when they are no pod's", () => {
  expect(judgeForeign([{ element: "element { tcp . 80 }", comment: "mine" }])).toMatchObject([
    { level: "warning", details: ['element { tcp . 80 }, comment "mine"'] },
  ]);
});

const inspected = (index: number, ...differences: readonly string[]) => ({
  name: `mynet/c${index}/eth0`,
  different: differences.length === 0 ? [] : [{ step: "createVeth", differences }],
});

test.for([
  ["there is none", [], "0 attachments as ADD made them"],
  ["one is whole", [inspected(1)], "1 attachment as ADD made it"],
  ["two are whole", [inspected(1), inspected(2)], "2 attachments as ADD made them"],
] as const)("judgeAttachments() is content when %s", ([, all, text]) => {
  expect(said(judgeAttachments(all))).toEqual([["ok", text]]);
});

test("judgeAttachments() names the steps and the command when one is not whole", () => {
  const found = judgeAttachments([inspected(1, "is down"), inspected(2)]);
  expect(found).toMatchObject([{ text: "mynet/c1/eth0: createVeth", details: ["is down"] }]);
  expect(commands(found)).toEqual(["podwire attachment mynet/c1/eth0"]);
});

test("judgeAttachments() gives a line to ten and one to the others when many are not whole", () => {
  const found = judgeAttachments(Array.from({ length: 13 }, (_, index) => inspected(index, "is down")));
  expect([found.length, found.at(-1)?.text]).toEqual([
    11,
    "3 more attachments: mynet/c10/eth0, mynet/c11/eth0, mynet/c12/eth0",
  ]);
});

test("judgeTables() says what is foreign and how to go on, and nothing else when all is podwire's", () => {
  expect(
    judgeTables([{ message: "table inet podwire is not podwire's: x", advice: "remove it" }]),
  ).toMatchObject([{ level: "fault", text: "table inet podwire is not podwire's: x", command: "remove it" }]);
  expect(judgeTables([])).toMatchObject([{ level: "ok" }]);
});
