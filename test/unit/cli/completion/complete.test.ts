/** What can stand at the end of a command line. */

import { expect, test } from "vitest";
import { PODWIRE } from "../../../../src/cli/commands.ts";
import { complete, type ReadSource, toLines } from "../../../../src/cli/completion/complete.ts";

/** Says what it was asked for. */
const asked: ReadSource = (_source, { command, name, given }) => [
  { value: `${command}/${name}`, description: JSON.stringify(given) },
];

/** Says the same whatever it is asked. */
const fixed: ReadSource = () => ["eth0", "eth1"].map((value) => ({ value, description: "" }));

function offered(words: readonly string[], read: ReadSource = asked): readonly string[] {
  const candidates = complete(PODWIRE, words, read);
  return typeof candidates === "string" ? [candidates] : candidates.map(({ value }) => value);
}

test.for([
  ["an argument", ["network", "get", ""], "network get/name"],
  ["an argument behind options with values", ["network", "get", "--config-dir", "x", ""], "network get/name"],
  ["an argument behind a flag", ["network", "get", "--json", ""], "network get/name"],
  ["an argument behind --", ["network", "get", "--", ""], "network get/name"],
  ["an argument behind a short option with its value", ["release", "-nweb", ""], "release/name"],
  ["an argument behind --name=value", ["release", "--network=web", ""], "release/name"],
  ["the second argument", ["vf", "set-count", "ens1f0", ""], "vf set-count/number"],
  ["the value of an option", ["attachments", "--network", ""], "attachments/--network"],
  ["the value of a short option", ["attachments", "-n", ""], "attachments/--network"],
  ["a value that may be left away", ["gc", "--cri", ""], "gc/--cri"],
  [
    "an option of the program behind a command",
    ["network", "list", "--config-dir", ""],
    "network list/--config-dir",
  ],
] as const)("complete() asks for values when the last word is %s", ([, words, wanted]) => {
  expect(offered(words)).toEqual([wanted]);
});

test("complete() tells which options were given when it asks for values", () => {
  const candidates = complete(PODWIRE, ["endpoint", "get", "--ns", "prod", "--json", ""], asked);
  expect(candidates).toMatchObject([{ description: '{"--ns":"prod","--json":""}' }]);
});

test.for([
  ["commands", ["vf", ""], ["list", "set-count", "release", "help"]],
  ["no hidden command", ["comp"], ["completion"]],
  ["nothing where all arguments are there", ["network", "get", "web", ""], []],
  ["options that begin so", ["network", "list", "--j"], ["--json"]],
  ["an option behind one whose value may be left away", ["gc", "--cri", "--dry"], ["--dry-run"]],
  ["no flag twice", ["network", "list", "--json", "--j"], []],
  ["an option that may be given several times again", ["install", "--set", "a=1", "--se"], ["--set"]],
  ["choices", ["network", "create", "--driver", "v"], ["vfio-pci"]],
  ["choices behind the equals sign", ["network", "create", "--driver=v"], ["--driver=vfio-pci"]],
  ["no option behind --", ["network", "get", "--", "--j"], []],
  ["--version for the program alone", ["--ver"], ["--version"]],
  ["nothing for --version of a command", ["vf", "list", "--ver"], []],
] as const)("complete() offers %s", ([, words, wanted]) => {
  expect(offered(words)).toEqual(wanted);
});

test("complete() goes on behind the last comma when values are a list", () => {
  expect(offered(["network", "create", "--pf", "eth7,et"], fixed)).toEqual(["eth7,eth0", "eth7,eth1"]);
});

test("toLines() puts a tab before descriptions and a colon before what the shell has to find", () => {
  expect(toLines([{ value: "a", description: "b" }])).toEqual(["a\tb"]);
  expect(toLines("directory")).toEqual([":directory"]);
});
