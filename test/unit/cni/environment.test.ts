/** The CNI_* variables: what each verb needs, which values are refused, and with what words. */

import { expect, test } from "vitest";
import { COMMANDS, readEnvironment } from "../../../src/cni/environment.ts";
import { cniErrorOf, ENVIRONMENT } from "../../support/fixtures/request.ts";

const NEEDS: [verb: string, needed: string[]][] = [
  ["ADD", ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"]],
  ["CHECK", ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"]],
  ["DEL", ["CNI_CONTAINERID", "CNI_IFNAME"]],
  ["GC", []],
  ["STATUS", []],
  ["VERSION", []],
];

test("COMMANDS has a row in this table when a verb is known", () => {
  expect(NEEDS.map(([verb]) => verb).toSorted()).toEqual([...COMMANDS].toSorted());
});

test.for(NEEDS)("readEnvironment() names all that is missing when %s has nothing else", ([verb, needed]) => {
  if (needed.length === 0) {
    expect(readEnvironment({ CNI_COMMAND: verb }).command).toBe(verb);
    return;
  }
  const error = cniErrorOf(() => readEnvironment({ CNI_COMMAND: verb }));
  expect(error).toMatchObject({
    code: 4,
    message: `required environment variables missing: ${needed.join(", ")}`,
  });
});

const SINGLES = NEEDS.flatMap(([verb, needed]) =>
  ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH", "CNI_ARGS"].flatMap((name) =>
    (["absent", "empty"] as const).map((how) => ({ verb, name, how, isNeeded: needed.includes(name) })),
  ),
);

test.for(SINGLES)("readEnvironment() judges $name by the verb when it is $how for $verb", (row) => {
  const variables = {
    ...ENVIRONMENT,
    CNI_COMMAND: row.verb,
    [row.name]: row.how === "empty" ? "" : undefined,
  };
  const read = () => readEnvironment(variables);
  if (row.isNeeded)
    expect(cniErrorOf(read)).toMatchObject({ code: 4, message: expect.stringMatching(`: ${row.name}$`) });
  else expect(read().command).toBe(row.verb);
});

test.for([undefined, "", "add", "FOO", "ADD ", "constructor"])(
  "readEnvironment() gives code 4 when CNI_COMMAND is %j",
  (verb) => {
    const error = cniErrorOf(() => readEnvironment({ ...ENVIRONMENT, CNI_COMMAND: verb }));
    expect(error).toMatchObject({ code: 4, message: expect.stringContaining("CNI_COMMAND") });
  },
);

const IDS: [id: string, isValid: boolean][] = [
  ["c1", true],
  ["0", true],
  ["A_b.c-D", true],
  ["a".repeat(300), true],
  ["_a", false],
  [".a", false],
  ["-a", false],
  ["a b", false],
  ["a/b", false],
  ["a:b", false],
  ["é", false],
  ["a\n", false],
];

test.for(IDS)(
  "readEnvironment() holds to the specification's characters when CNI_CONTAINERID is %j",
  ([id, isValid]) => {
    const read = () => readEnvironment({ ...ENVIRONMENT, CNI_CONTAINERID: id });
    if (isValid) expect(read().containerId).toBe(id);
    else
      expect(cniErrorOf(read)).toMatchObject({
        code: 4,
        message: expect.stringContaining("CNI_CONTAINERID"),
      });
  },
);

const IFNAMES: [ifname: string, isValid: boolean][] = [
  ["eth0", true],
  ["a", true],
  ["net1.100", true],
  ["...", true],
  ["a".repeat(15), true],
  ["a".repeat(16), false],
  ["é".repeat(7), true],
  ["é".repeat(8), false],
  [".", false],
  ["..", false],
  ["a/b", false],
  ["a:b", false],
  ["a b", false],
  ["a\tb", false],
  ["a\u00a0b", false],
  ["a\u2003b", false],
  ["a\u0085b", false],
  ["eth0\n", false],
  ["eth\0", false],
];

test.for(IFNAMES)(
  "readEnvironment() holds to the kernel's rules when CNI_IFNAME is %j",
  ([ifname, isValid]) => {
    const read = () => readEnvironment({ ...ENVIRONMENT, CNI_IFNAME: ifname });
    if (isValid) expect(read().ifname).toBe(ifname);
    else expect(cniErrorOf(read)).toMatchObject({ code: 4, message: expect.stringContaining("CNI_IFNAME") });
  },
);

test("readEnvironment() names the invalid value first when another variable is missing", () => {
  const error = cniErrorOf(() => readEnvironment({ CNI_COMMAND: "ADD", CNI_CONTAINERID: "a b" }));
  expect(error.message).toContain("CNI_CONTAINERID");
});

test.for(["GC", "STATUS", "VERSION"])(
  "readEnvironment() lets values pass that it does not use when the verb is %s",
  (verb) => {
    const variables = { CNI_COMMAND: verb, CNI_CONTAINERID: "a b", CNI_IFNAME: "a/b" };
    expect(readEnvironment(variables).command).toBe(verb);
  },
);

test.for([
  [undefined, []],
  ["", []],
  ["/opt/cni/bin", ["/opt/cni/bin"]],
  ["/a:/b", ["/a", "/b"]],
  [":/a::/b:", ["/a", "/b"]],
] as const)("readEnvironment() splits CNI_PATH when it is %j", ([text, path]) => {
  expect(readEnvironment({ ...ENVIRONMENT, CNI_PATH: text }).path).toEqual(path);
});

test.for([
  [undefined, false],
  ["", false],
  ["0", false],
  ["false", false],
  ["11", false],
  ["1", true],
  ["true", true],
  ["TRUE", true],
  ["True", true],
] as const)(
  "readEnvironment() reads CNI_NETNS_OVERRIDE as the reference does when it is %j",
  ([text, wanted]) => {
    expect(readEnvironment({ ...ENVIRONMENT, CNI_NETNS_OVERRIDE: text }).mayUseOwnNetns).toBe(wanted);
  },
);

test("readEnvironment() keeps all variables when a delegated plugin may need them", () => {
  expect(readEnvironment({ ...ENVIRONMENT, OTHER: "1" }).variables).toEqual({ ...ENVIRONMENT, OTHER: "1" });
});
