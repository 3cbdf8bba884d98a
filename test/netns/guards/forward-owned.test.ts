/** forward, where a process owns the table that drops pods' packets: firewalld with NftablesTableOwner=yes. */

import { expect, test } from "vitest";
import { acceptingRulesOf, dropForwarded, ONCE } from "../../support/kernel/forward-chains.ts";
import { holdTable } from "../../support/kernel/owned-table.ts";
import { podwire } from "../../support/node/commands.ts";
import { CONFLIST } from "../../support/node/install.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, NETCONF } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

const conf = { ...MYNET, forward: true };
const HOOK = "type filter hook forward priority 10;";
const REJECTING = `chain filter_FORWARD { ${HOOK} policy accept; ct state established accept; reject; };`;
const DROPPING = `chain filter_FORWARD { ${HOOK} policy drop; ct state established accept; };`;
const chains = [
  { name: "its last rule rejects", content: REJECTING },
  { name: "its policy drops", content: DROPPING },
];

test.for(chains)("ADD(), CHECK(), repair and DEL() pass when $name", async ({ content }) => {
  await using node = await Node.create();
  dropForwarded(node);
  await using _ = await holdTable(node, "inet firewalld", content);
  const before = node.sh("nft list table inet firewalld");
  const result = attach(node, { conf });
  expect(acceptingRulesOf(node)).toEqual(ONCE());
  expect(callWithResult(node, "CHECK", result, { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(podwire(node, "repair").exitCode).toBe(0);
  expect(call(node, "DEL", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(acceptingRulesOf(node)).toEqual([]);
  expect(node.sh("nft list table inet firewalld")).toBe(before);
});

const TRUSTED = "firewall-cmd --permanent --zone=trusted --add-interface=cni0";

test.for(chains)("STATUS() and doctor say what to do when $name", async ({ content }) => {
  await using node = await Node.create();
  await using _ = await holdTable(node, "inet firewalld", content);
  node.sh(`mkdir -p ${CONFLIST.slice(0, CONFLIST.lastIndexOf("/"))}`);
  const list = { cniVersion: "1.0.0", name: "mynet", plugins: [{ ...NETCONF, ...conf }] };
  node.run(["sh", "-c", `cat > ${CONFLIST}`], { input: JSON.stringify(list) });
  const { json } = call(node, "STATUS", { conf });
  expect(json.code).toBe(50);
  expect(json.msg).toContain(
    "chain filter_FORWARD of table inet firewalld drops what pods send through the node",
  );
  expect(json.msg).toContain(TRUSTED);
  expect(json.msg).toContain("NftablesTableOwner=no");
  const { stdout } = podwire(node, "doctor firewall --json");
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({
      level: "fault",
      text: 'chain filter_FORWARD of table inet firewalld drops what pods of "cni0" send',
      command: `${TRUSTED} && firewall-cmd --reload`,
      details: [expect.stringContaining("NftablesTableOwner=no")],
    }),
  );
});

test("STATUS() without forward does not name it as the way when a process owns the table", async () => {
  await using node = await Node.create();
  await using _ = await holdTable(node, "inet own", DROPPING);
  const { msg } = call(node, "STATUS", { conf: MYNET }).json;
  expect(msg).toContain('accept interface "cni0" there');
  expect(msg).not.toContain('set "forward"');
});

test("STATUS() is content when the owner's table accepts the bridge's packets", async () => {
  await using node = await Node.create();
  const zone = REJECTING.replace("reject;", "iifname cni0 accept; reject;");
  await using _ = await holdTable(node, "inet firewalld", zone);
  expect(call(node, "STATUS", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});
