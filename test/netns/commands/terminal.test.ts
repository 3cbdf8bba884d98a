/** Commands on a terminal: the question before something is taken away, and colours. */

import { expect, test } from "vitest";
import { createNode, succeed, WEB } from "../../support/node/commands.ts";
import { type Node, PODWIRE } from "../../support/node/node.ts";

/** Runs a command on a terminal of its own, where a person types `answer`; @see script(1) */
function onTerminal(node: Node, line: string, answer: string, env: Readonly<Record<string, string>> = {}) {
  return node.run(["script", "-qec", `${PODWIRE} ${line}`, "/dev/null"], { input: answer, env });
}

test.for([
  ["network delete web", 'Delete network "web"?', "network"],
  ["perf-tier delete gold", 'Delete performance tier "gold"?', "perf-tier"],
  ["endpoint delete ep1", 'Delete endpoint "ep1" of namespace "default"?', "endpoint"],
] as const)(
  "%s asks and does what the person says when there is a terminal",
  async ([line, question, group]) => {
    await using node = await createNode();
    succeed(node, `network create web ${WEB}`);
    succeed(node, "perf-tier create gold -i 1k -b 1M");
    if (group === "endpoint") succeed(node, "endpoint create ep1 -n web");
    const list = () => succeed(node, `${group} list`);
    const before = list();
    const declined = onTerminal(node, line, "n\n");
    expect(declined.stdout).toContain(question);
    expect([declined.exitCode, list()]).toEqual([1, before]);
    const agreed = onTerminal(node, line, "y\n");
    expect(agreed.exitCode).toBe(0);
    expect(list().split("\n")).toHaveLength(before.split("\n").length - 1);
  },
);

test("list prints its header in bold when it is on a terminal", async () => {
  await using node = await createNode();
  const [header = ""] = onTerminal(node, "perf-tier list", "").stdout.split("\r\n");
  expect([header.slice(0, 8), header.slice(-10)]).toEqual(["\u001b[1mNAME", "LABELS\u001b[0m"]);
});

test.for([["perf-tier list"], ["perf-tier get nix"]])(
  "%s prints no colours when NO_COLOR is set",
  async ([line = ""]) => {
    await using node = await createNode();
    const { stdout } = onTerminal(node, line, "", { NO_COLOR: "1" });
    expect(stdout).not.toBe("");
    expect(stdout).not.toContain("\u001b");
  },
);
