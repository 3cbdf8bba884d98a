/** `podwire doctor` looks where `podwire install` has put things, wherever that is. */

import { expect, test } from "vitest";
import { podwire, succeed } from "../../support/node/commands.ts";
import { report, troubles } from "../../support/node/doctor-node.ts";
import { CONF_DIR, createBareNode } from "../../support/node/install.ts";
import type { Node } from "../../support/node/node.ts";

const ELSEWHERE = "--bin-dir /run/plugins --conf-dir /run/conf --set ipam.dataDir=/run/data";
const RECEIPT = "/run/conf/podwire.d/install.json";
const POINTER = "/var/lib/cni/podwire-install.json";

/** What the check of receipts says. */
function receiptIn(node: Node, options = "") {
  return report(node, `directories ${options}`.trimEnd()).find(({ check }) => check === "receipt");
}

const groups = "configuration directories pools";

test("doctor looks into the directories of the installation when these are not the usual ones", async () => {
  await using node = await createBareNode();
  succeed(node, `install ${ELSEWHERE}`);
  expect(troubles(node, groups)).toEqual([]);
  const said = JSON.stringify(report(node, groups));
  for (const path of ["/run/plugins/podwire", "/run/conf/10-podwire.conflist", "/run/data"])
    expect(said).toContain(path);
  expect(receiptIn(node)).toMatchObject({
    level: "ok",
    text: `installed as ${RECEIPT} says: plugins in /run/plugins, configurations in /run/conf`,
  });
});

test("doctor finds the installation when it was made for another runtime", async () => {
  await using node = await createBareNode();
  node.sh("mkdir -p /var/lib/rancher; mount -t tmpfs tmpfs /var/lib/rancher");
  succeed(node, "install --runtime k3s");
  expect(troubles(node, groups)).toEqual([]);
  expect(receiptIn(node)?.text).toContain("/var/lib/rancher/k3s/agent/etc/cni/net.d/podwire.d/install.json");
});

test("doctor looks where its options say when they are given", async () => {
  await using node = await createBareNode();
  succeed(node, `install ${ELSEWHERE}`);
  expect(troubles(node, `configuration --config-dir ${CONF_DIR}/podwire.d`)).toMatchObject([
    { text: `there is no configuration in ${CONF_DIR}` },
  ]);
  expect(report(node, "directories --plugin-dir /run/none").map(({ text }) => text)).toEqual(
    expect.arrayContaining(["podwire is in none of the runtime's directories of plugins"]),
  );
  expect(receiptIn(node, "--plugin-dir /run/none")?.text).toContain("plugins in /run/none");
});

test("doctor says that there is no receipt and goes on when nothing was installed by podwire", async () => {
  await using node = await createBareNode();
  expect(receiptIn(node)).toMatchObject({
    level: "ok",
    text: "podwire install has left no receipt: plugins in /opt/cni/bin, configurations in /etc/cni/net.d",
  });
});

test.for([
  { options: "", receipt: `${CONF_DIR}/podwire.d/install.json` },
  { options: ELSEWHERE, receipt: RECEIPT },
])(
  "doctor says that the receipt is damaged and goes on when it is $receipt",
  async ({ options, receipt }) => {
    await using node = await createBareNode();
    succeed(node, `install ${options}`.trimEnd());
    node.sh(`echo '{"files": [{"path": 1}]}' > ${receipt}`);
    expect(receiptIn(node)).toMatchObject({
      level: "warning",
      text: expect.stringContaining(`${receipt}: want`),
      command: expect.stringContaining(`rm ${receipt}`),
    });
    expect(podwire(node, "doctor directories").exitCode).toBe(0);
  },
);

test("doctor names the other receipt when podwire is installed twice", async () => {
  await using node = await createBareNode();
  succeed(node, `install ${ELSEWHERE}`);
  succeed(node, "install");
  const found = receiptIn(node);
  expect(found?.text).toContain(`installed as ${CONF_DIR}/podwire.d/install.json says`);
  expect(found?.details).toEqual([`another is ${RECEIPT}: podwire doctor --config-dir /run/conf/podwire.d`]);
});

test("uninstall takes the pointer to the receipt along when it was made", async () => {
  await using node = await createBareNode();
  succeed(node, "install");
  expect(podwire(node, "uninstall").exitCode).toBe(0);
  expect(node.sh("ls -A /var/lib/cni")).toBe("");
  succeed(node, `install ${ELSEWHERE}`);
  expect(node.sh(`readlink ${POINTER}`)).toBe(`${RECEIPT}\n`);
  succeed(node, "uninstall --conf-dir /run/conf");
  expect(node.sh("ls -A /var/lib/cni /run/plugins; find /run/conf -type f")).not.toContain("podwire-install");
  expect(receiptIn(node)?.text).toContain("no receipt");
});
