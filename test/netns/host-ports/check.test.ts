/** CHECK of masquerade and host ports: passes after ADD, and names each element and rule that is gone since. */

import { expect, test } from "vitest";
import { type Element, elementsOf, sharedElementsOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, NETCONF } from "../../support/pod/attachment.ts";
import { MYNET, mapped, ownerOf, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6 } from "../../support/traffic/traffic-world.ts";

const ports = [
  WEB,
  { ...WEB, protocol: "udp" },
  { ...WEB, protocol: "sctp" },
  { ...WEB, hostPort: 81, hostIP: NODE4 },
  { ...WEB, hostPort: 82, hostIP: NODE6 },
];
const conf = { ...NETCONF, ...mapped(ports, { ...MYNET, ipMasq: true, masqAll: true }) };

const check = (node: Node, result: object) => callWithResult(node, "CHECK", result, { conf });

test("CHECK() passes when nothing has changed since ADD", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  expect(check(node, result)).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
});

test("CHECK() passes when it gets no host ports", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  const bare = { ...conf, runtimeConfig: undefined };
  expect(callWithResult(node, "CHECK", result, { conf: bare })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("CHECK() passes when other pods came and went", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  const other = (hostPort: number) => mapped([{ ...WEB, hostPort }], { ...MYNET, ipMasq: true });
  attach(node, { conf: other(8), containerId: "c2" });
  attach(node, { conf: other(9), containerId: "c3" });
  call(node, "DEL", { conf: MYNET, containerId: "c2" });
  expect(check(node, result)).toMatchObject({ exitCode: 0, stdout: "" });
});

/** Deletes one element after the other, each from a node where it is the only thing amiss. */
function eachDeleted(node: Node, list: (node: Node) => Element[]): { element: Element; json: Found }[] {
  const count = withAttachment(node, () => list(node).length);
  return Array.from({ length: count }, (_, index) =>
    withAttachment(node, (result) => {
      const element = list(node)[index] as Element;
      node.sh(`nft delete element ${element.table} ${element.set} '{ ${element.key} }'`);
      return { element, json: check(node, result).json };
    }),
  );
}

interface Found {
  readonly code?: number;
  readonly msg: string;
}

function withAttachment<T>(node: Node, body: (result: object) => T): T {
  const result = attach(node, { conf });
  const value = body(result);
  call(node, "DEL", { conf });
  return value;
}

test("CHECK() fails with code 102 and names it when any of the attachment's elements is gone", async () => {
  await using node = await Node.create();
  const all = eachDeleted(node, elementsOf);
  const wrong = all.filter(({ element, json }) => json?.code !== 102 || !json.msg.includes(element.set));
  expect(wrong).toEqual([]);
  // Two families of masquerade, of three protocols on any address and one each on one, of hairpin, of masqAll.
  expect(all.length).toBeGreaterThanOrEqual(2 + 2 * 3 + 2 + 2 + 2);
});

test("CHECK() fails with code 102 and names it when any element of the bridge is gone", async () => {
  await using node = await Node.create();
  const all = eachDeleted(node, sharedElementsOf);
  const wrong = all.filter(({ element, json }) => json?.code !== 102 || !json.msg.includes(element.set));
  expect(wrong).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(1);
});

interface Rule {
  readonly chain: string;
  readonly handle: number;
}

function rulesOf(node: Node): Rule[] {
  const { nftables } = node.json("nft -j -a list table inet podwire");
  return nftables.flatMap((entry: { rule?: Rule }) => entry.rule ?? []);
}

const damages = [
  { name: "gone", verb: "delete", rule: "" },
  { name: "another", verb: "replace", rule: "counter accept" },
];

test.for(damages)(
  "CHECK() fails with code 102 and names its chain when any rule is $name",
  async ({ verb, rule }) => {
    await using node = await Node.create();
    attach(node, { conf });
    const count = rulesOf(node).length;
    call(node, "DEL", { conf });
    const missed: object[] = [];
    for (let index = 0; index < count; index++) {
      node.sh("nft delete table inet podwire");
      const result = attach(node, { conf });
      const { chain, handle } = rulesOf(node)[index] as Rule;
      node.sh(`nft ${verb} rule inet podwire ${chain} handle ${handle} ${rule}`);
      const { json } = check(node, result);
      if (json?.code !== 102 || !json.msg.includes(chain)) missed.push({ index, chain, json });
      call(node, "DEL", { conf });
    }
    expect(missed).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(10);
  },
);

const wholes = [
  { name: "the rules are flushed", script: "nft flush table inet podwire" },
  { name: "the table is gone", script: "nft delete table inet podwire" },
  { name: "the whole ruleset is gone", script: "nft flush ruleset" },
  { name: "one chain is empty", script: "nft flush chain inet podwire postrouting" },
];

test.for(wholes)("CHECK() fails with code 102 and names the table when $name", async ({ script }) => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  node.sh(script);
  const { json } = check(node, result);
  expect([json?.code, json?.msg]).toEqual([102, expect.stringContaining("inet podwire")]);
});

const changes = [
  { name: "leads elsewhere", comment: ownerOf(), value: "10.1.0.99 . 80" },
  { name: "is another's", comment: ownerOf("c9"), value: "10.1.0.2 . 80" },
];

test.for(changes)(
  "CHECK() fails with code 102 and names the port when it $name",
  async ({ comment, value }) => {
    await using node = await Node.create();
    const result = attach(node, { conf });
    const isMeant = ({ set, key }: Element) => key === "tcp . 8080" && !set.endsWith("6");
    const { table, set, key } = elementsOf(node).find(isMeant) as Element;
    node.sh(`nft delete element ${table} ${set} '{ ${key} }'
    nft add element ${table} ${set} '{ ${key} comment "${comment}" : ${value} }'`);
    const { json } = check(node, result);
    expect([json?.code, json?.msg]).toEqual([102, expect.stringContaining("8080")]);
  },
);
