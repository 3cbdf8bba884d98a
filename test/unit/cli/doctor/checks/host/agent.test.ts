/** `podwire doctor agent`: where one listens, and what its answer means. */

import { expect, test } from "vitest";
import { judgeAgents, listenIn } from "../../../../../../src/cli/doctor/checks/host/agent.ts";
import { said } from "../../../../../support/fixtures/doctor.ts";

test.for([
  ["/opt/cni/bin/podwire install --watch", "127.0.0.1:9810"],
  ["podwire install --watch --listen unix:/run/a.sock", "unix:/run/a.sock"],
  ["/podwire install --listen=[::1]:1 --watch", "[::1]:1"],
  ["podwire agent --listen unix:/run/a.sock", "unix:/run/a.sock"],
  ["podwire --config-dir /etc/x agent", "127.0.0.1:9810"],
  ["podwire doctor agent", undefined],
  ["podwire install --dry-run", undefined],
  ["podwire doctor --watch", undefined],
  ["vi install --watch", undefined],
] as const)("listenIn() reads %s as %s", ([line, listen]) => {
  expect(listenIn(line.split(" "))).toBe(listen);
});

const AT = { listen: "127.0.0.1:9810" };

test.for([
  ["it is well", { ...AT, status: 200, text: "ok" }, ["ok", "the agent at 127.0.0.1:9810 is well"]],
  [
    "it is not",
    { ...AT, status: 503, text: "bad mtu" },
    ["fault", "the agent at 127.0.0.1:9810 is not well: bad mtu"],
  ],
  [
    "it is silent",
    { ...AT, text: "refused" },
    ["warning", "the agent at 127.0.0.1:9810 does not answer: refused"],
  ],
] as const)("judgeAgents() says how the agent does when %s", ([, answer, wanted]) => {
  expect(said(judgeAgents([answer]))).toEqual([wanted]);
});

test("judgeAgents() is content when none runs", () => {
  expect(said(judgeAgents([]))).toEqual([["ok", "no agent runs here, and none is needed"]]);
});
