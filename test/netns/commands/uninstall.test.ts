/** `podwire uninstall`: takes away what was installed and brings back what was there. */

import { expect, test } from "vitest";
import { podwire, succeed, succeedJson, writeFile } from "../../support/node/commands.ts";
import { BIN_DIR, CONFLIST, createBareNode, installedFiles } from "../../support/node/install.ts";

const CONF = {
  cniVersion: "1.0.0",
  name: "pods",
  type: "podwire",
  ipam: { type: "host-local", subnet: "10.9.0.0/24" },
};

test("uninstall leaves nothing behind when nothing was there before", async () => {
  await using node = await createBareNode();
  succeed(node, "install --link net-script");
  expect(succeedJson(node, "uninstall").files).toEqual([
    { path: CONFLIST, action: "remove" },
    { path: `${BIN_DIR}/net-script`, action: "remove" },
    { path: `${BIN_DIR}/loopback`, action: "remove" },
    { path: `${BIN_DIR}/podwire`, action: "remove" },
  ]);
  expect(installedFiles(node)).toBe("");
});

test("uninstall brings everything back as it was when files of others were in the places", async () => {
  await using node = await createBareNode();
  writeFile(node, CONFLIST, "former list");
  node.sh(
    `echo other > ${BIN_DIR}/podwire; chmod 750 ${BIN_DIR}/podwire; ln -s /usr/bin/true ${BIN_DIR}/net-script
    echo other > ${BIN_DIR}/loopback`,
  );
  const before = installedFiles(node);
  succeed(node, "install --link net-script");
  succeed(node, "install --link net-script --mtu 1400");
  expect(succeedJson(node, "uninstall").files.map(({ action }: { action: string }) => action)).toEqual([
    "restore",
    "restore",
    "restore",
  ]);
  expect(installedFiles(node)).toBe(before);
  expect(node.sh(`stat -c %a ${BIN_DIR}/podwire`)).toBe("750\n");
});

test("uninstall says so when nothing is installed", async () => {
  await using node = await createBareNode();
  expect(succeed(node, "uninstall")).toBe("nothing is installed here");
});

test("uninstall refuses and names them when pods are attached", async () => {
  await using node = await createBareNode();
  succeed(node, "install");
  const netns = node.addPod("pod");
  node.cni({ command: "ADD", conf: CONF, containerId: "c1", netns, ifname: "eth0" });
  const before = installedFiles(node);
  expect(podwire(node, "uninstall")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("pods are attached: pods/c1/eth0\n"),
  });
  expect(installedFiles(node)).toBe(before);
});

test("uninstall removes everything when pods are attached and it is forced", async () => {
  await using node = await createBareNode();
  succeed(node, "install");
  const netns = node.addPod("pod");
  node.cni({ command: "ADD", conf: CONF, containerId: "c1", netns, ifname: "eth0" });
  succeed(node, "uninstall --force");
  expect(installedFiles(node)).toBe("");
});

test("uninstall leaves a file and exits with 1 when somebody has changed it", async () => {
  await using node = await createBareNode();
  succeed(node, "install");
  writeFile(node, CONFLIST, "edited");
  expect(podwire(node, "uninstall")).toEqual({
    exitCode: 1,
    stdout: `left          ${CONFLIST}: somebody has changed it; --force removes it\nremoved       ${BIN_DIR}/loopback\nremoved       ${BIN_DIR}/podwire\n`,
    stderr: "",
  });
  expect(node.sh(`cat ${CONFLIST}`)).toBe("edited");
  succeed(node, "uninstall --force");
  expect(installedFiles(node)).toBe("");
});

test("uninstall changes nothing when it is a dry run", async () => {
  await using node = await createBareNode();
  succeed(node, "install");
  const before = installedFiles(node);
  expect(succeed(node, "uninstall --dry-run")).toBe(
    [CONFLIST, `${BIN_DIR}/loopback`, `${BIN_DIR}/podwire`].map((path) => `would remove  ${path}`).join("\n"),
  );
  expect(installedFiles(node)).toBe(before);
});
