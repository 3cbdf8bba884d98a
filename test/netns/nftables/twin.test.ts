/** Our tables are what nft(8) makes of the committed files: the same in every set, chain, rule and element. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { attach, DUAL_STACK } from "../../support/pod/attachment.ts";

const TCP = { hostPort: 8080, containerPort: 80 };
const UDP = { hostPort: 53, containerPort: 5353, protocol: "udp", hostIP: "127.0.0.1" };
const SCTP = { hostPort: 9, containerPort: 9, protocol: "SCTP", hostIP: "fd50::1" };

/** Everything that can be in the tables. */
const EVERYTHING = {
  ipam: DUAL_STACK,
  ipMasq: true,
  ipMasqExclude: ["192.0.2.0/25", "192.0.2.128/25", "10.1.7.0/24"],
  ipMasqPorts: "1024-65535",
  masqAll: true,
  hostPortExclude: ["10.96.0.0/12", "192.0.2.9", "fd96::/108", "fd97::1"],
  macspoofchk: true,
  ingressPolicy: "isolated",
  mac: "02:00:00:00:00:aa",
  runtimeConfig: { portMappings: [TCP, UDP, SCTP] },
};

// biome-ignore lint/suspicious/noExplicitAny: a document of nft
type Document = any;

/** What `nft -j` prints, without the numbers that the kernel gives and with elements in one order. */
function listTable(node: Node, table: string): Document[] {
  const { nftables } = node.json(`nft -j list table ${table}`);
  const isContent = (entry: Document) => entry.metainfo === undefined;
  return JSON.parse(JSON.stringify(nftables.filter(isContent)), (key, value) => {
    if (key === "handle") return undefined;
    return key === "elem" && Array.isArray(value) ? value.map((item) => JSON.stringify(item)).sort() : value;
  });
}

test.for(["inet", "bridge"])("ADD() makes table %s podwire as nft makes it of the file", async (family) => {
  await using ours = await Node.create();
  await using theirs = await Node.create();
  const { interfaces } = attach(ours, { conf: EVERYTHING });
  const ruleset = ours.sh("nft list ruleset");
  const chainOf = (stem: string) => new RegExp(`${stem}-[0-9a-f]{16}`).exec(ruleset)?.[0] ?? "";
  const file = readFileSync(`test/netns/nftables/${family}.nft`, "utf8");
  const text = file
    .replaceAll("CHAIN", chainOf("ranged-masquerade"))
    .replaceAll("INVALID", chainOf("invalid"))
    .replaceAll("EXCEPT", chainOf("hostports"))
    .replaceAll("PORT", interfaces[1].name);
  theirs.run(["nft", "-f", "-"], { input: text });
  const wanted = listTable(theirs, `${family} podwire`);
  expect(wanted.length).toBeGreaterThan(3);
  expect(listTable(ours, `${family} podwire`)).toEqual(wanted);
});
