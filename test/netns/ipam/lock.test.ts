/** The store's lock while another process holds it. */

import { once } from "node:events";
import { expect, test } from "vitest";
import { holdLock, letGo, startAdd } from "../../support/fault/held-lock.ts";
import { snapshot } from "../../support/kernel/kernel.ts";
import { Node, PODWIRE } from "../../support/node/node.ts";
import { hasPrinted } from "../../support/node/printed.ts";
import { attach, call, ensurePod, NETCONF } from "../../support/pod/attachment.ts";

const DIRECTORY = "/var/lib/cni/networks/mynet";
const LOCK = `${DIRECTORY}/lock`;

test("ADD() waits and succeeds when another process frees the lock", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const holder = await holdLock(node, LOCK);
  const adding = startAdd(node, "c1");
  const exited = once(adding, "close");
  await hasPrinted(adding.stderr, "EAGAIN"); // it has met the lock
  await letGo(holder);
  expect((await exited)[0]).toBe(0);
});

test("ADD() fails with code 11 and leaves nothing when the lock is never freed", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const before = snapshot(node, []);
  const holder = await holdLock(node, LOCK);
  const added = call(node, "ADD");
  await letGo(holder);
  expect([added.exitCode, added.json.code]).toEqual([1, 11]);
  expect(added.json.msg).toContain(`${DIRECTORY}/lock`);
  expect(snapshot(node, [])).toEqual(before);
});

test("ADD() succeeds when the lock's holder was killed", async () => {
  await using node = await Node.create();
  node.sh(`mkdir -p ${DIRECTORY}`);
  node.run(["flock", `${DIRECTORY}/lock`, "sh", "-c", "kill -9 $$"]);
  expect(attach(node).ips[0].address).toBe("10.1.0.2/16");
});

test("STATUS() does not wait when another process holds the lock", async () => {
  await using node = await Node.create();
  attach(node);
  const holder = await holdLock(node, LOCK);
  const status = node.run(["strace", "-qq", "-e", "trace=flock", PODWIRE], {
    input: JSON.stringify(NETCONF),
    env: { CNI_COMMAND: "STATUS" },
  });
  await letGo(holder);
  expect(status).toMatchObject({ exitCode: 0, stdout: "" });
  expect(status.stderr).not.toContain("flock");
});
