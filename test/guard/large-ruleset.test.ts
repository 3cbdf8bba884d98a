/** A thousand pods in the ruleset cost a plugin call no more system calls than none. */

import { test } from "vitest";
import type { Node } from "../support/node/node.ts";
import { expectFlat } from "./flat.ts";

const conf = {
  cniVersion: "1.0.0",
  name: "large",
  type: "podwire",
  isDefaultGateway: true,
  ipMasq: true,
  ipam: { type: "host-local", ranges: [[{ subnet: "10.0.0.0/16" }], [{ subnet: "fd00:1::/64" }]] },
  runtimeConfig: { portMappings: [{ hostPort: 80, containerPort: 8080 }] },
};
const PODS = 1000;

/** What a thousand pods with a host port each have in the tables, as `nft` would put it there. */
function fill(node: Node): void {
  const [chain = ""] = /masquerade-[0-9a-f]{16}/.exec(node.sh("nft list ruleset")) ?? [];
  const lines = Array.from({ length: PODS }, (_, index) => {
    const [ip, ip6] = [`10.0.${100 + (index >> 8)}.${index & 255}`, `fd00:1::1:${index.toString(16)}`];
    const comment = `comment "large/old${index}/eth0"`;
    return [
      `masquerade_ip { "cni0" . ${ip} ${comment} : goto ${chain} }`,
      `masquerade_ip6 { "cni0" . ${ip6} ${comment} : goto ${chain} }`,
      `hostports_ip { tcp . ${10_000 + index} ${comment} : ${ip} . 80 }`,
      `hostports_ip6 { tcp . ${10_000 + index} ${comment} : ${ip6} . 80 }`,
      `hairpin_ip { ${ip} . ${ip} ${comment} }`,
      `hairpin_ip6 { ${ip6} . ${ip6} ${comment} }`,
    ];
  });
  const input = lines.flat().map((line) => `add element inet podwire ${line}\n`);
  const { exitCode, stderr } = node.run(["nft", "-f", "-"], { input: input.join("") });
  if (exitCode !== 0) throw new Error(stderr.slice(0, 1000));
}

test("ADD() and DEL() make as many system calls when a thousand pods are in the ruleset as when none is", () =>
  expectFlat(conf, fill));
