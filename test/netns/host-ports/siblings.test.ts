/** A container on two networks, each of which the runtime hands the same host ports. */

import { expect, test } from "vitest";
import { createNode } from "../../support/node/commands.ts";
import type { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";

const WEB = { hostPort: 8080, containerPort: 80, protocol: "tcp" };
const DNS = { hostPort: 5353, containerPort: 53, protocol: "udp" };

function first(...portMappings: object[]) {
  return { conf: { runtimeConfig: { portMappings } } };
}

function second(...portMappings: object[]) {
  const network = { name: "other", bridge: "cni1", ipam: { type: "host-local", subnet: "10.2.0.0/16" } };
  return { ifname: "eth1", conf: { ...network, runtimeConfig: { portMappings } } };
}

/** Where each host port leads. */
function ports(node: Node): string[] {
  const text = node.sh(
    "nft list map inet podwire hostports_ip | tr ',' '\\n' | grep -o '[a-z]* \\. [0-9]*.*: [0-9.]* . [0-9]*' || true",
  );
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/ comment "[^"]*"/, ""))
    .toSorted();
}

const TO_FIRST = "tcp . 8080 : 10.1.0.2 . 80";
const DNS_TO_SECOND = "udp . 5353 : 10.2.0.2 . 53";

test("the first attachment keeps its host ports when the second gets the same, and the second has the others", async () => {
  await using node = await createNode();
  attach(node, first(WEB));
  const prevResult = attach(node, second(WEB, DNS));
  expect(ports(node)).toEqual([TO_FIRST, DNS_TO_SECOND]);
  const { conf, ...named } = second(WEB, DNS);
  expect(call(node, "CHECK", { ...named, conf: { ...conf, prevResult } })).toMatchObject({ exitCode: 0 });
});

test.for([
  ["the second", second(WEB, DNS), [TO_FIRST]],
  ["the first", first(WEB), [DNS_TO_SECOND]],
] as const)("DEL of %s leaves the other's host ports", async ([, removed, left]) => {
  await using node = await createNode();
  attach(node, first(WEB));
  attach(node, second(WEB, DNS));
  expect(call(node, "DEL", removed)).toMatchObject({ exitCode: 0 });
  expect(ports(node)).toEqual(left);
});

test("another container's host port is refused as ever", async () => {
  await using node = await createNode();
  attach(node, first(WEB));
  node.addPod("c2");
  expect(call(node, "ADD", { containerId: "c2", ...second(WEB) }).json).toMatchObject({ code: 100 });
});
