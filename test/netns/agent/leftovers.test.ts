/** `podwire install --watch` collects what pods leave that end without a DEL while it runs. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { tracesOf } from "../../support/kernel/traces.ts";
import { Agent, type LogLine } from "../../support/node/agent.ts";
import { podwire, writeFile } from "../../support/node/commands.ts";
import { CONF_DIR, createBareNode } from "../../support/node/install.ts";
import { PODWIRE } from "../../support/node/node.ts";
import { attach, ensurePod, NETCONF } from "../../support/pod/attachment.ts";
import { mapped, WEB } from "../../support/traffic/traffic-networks.ts";

const EVERY_SECOND = ["--gc-interval", "1"];
const cleanedUp = (containerId: string) => (line: LogLine) =>
  line.msg === "cleaned up" && line.what === `mynet/${containerId}/eth0`;

test("the agent removes all of a pod and nothing of another when its namespace goes away without a DEL", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node, ...EVERY_SECOND);
  attach(node, { conf: mapped([WEB]), containerId: "dead" });
  attach(node, { conf: mapped([{ ...WEB, hostPort: 81 }]), containerId: "alive" });
  node.sh("ip netns del dead");
  await agent.said(cleanedUp("dead"));
  expect(tracesOf(node)).toMatchObject({ records: ["mynet/alive:eth0"], owners: ["mynet/alive/eth0"] });
  expect(await agent.metrics()).toMatchObject({
    'podwire_leftovers_total{result="removed"}': 1,
    'podwire_leftovers_total{result="failed"}': 0,
  });
});

test("the agent leaves an ADD alone that still runs when it collects", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node, ...EVERY_SECOND);
  const result = JSON.stringify({
    cniVersion: "1.1.0",
    ips: [{ address: "10.9.0.2/24", gateway: "10.9.0.1" }],
  });
  const script = [
    "#!/bin/sh",
    "[ $CNI_COMMAND = ADD ] || exit 0",
    "echo begun > /run/begun",
    "read -r go < /run/go",
    `echo '${result}'`,
    "",
  ];
  writeFile(node, "/run/plugins/slow", script.join("\n"));
  node.sh("chmod +x /run/plugins/slow; mkfifo /run/begun /run/go");
  ensurePod(node, "slow");
  const env = {
    PATH: process.env.PATH ?? "",
    CNI_COMMAND: "ADD",
    CNI_CONTAINERID: "slow",
    CNI_NETNS: "/run/netns/slow",
    CNI_IFNAME: "eth0",
    CNI_PATH: "/run/plugins",
  };
  writeFile(node, "/run/slow.conf", { ...NETCONF, bridge: "cni1", ipam: { type: "slow" } });
  const [file = "", ...args] = node.command(["sh", "-c", `exec ${PODWIRE} < /run/slow.conf`]);
  const ended = once(spawn(file, args, { env, stdio: ["ignore", "ignore", "inherit"] }), "exit");
  node.sh("cat /run/begun");
  attach(node, { containerId: "dead" });
  node.sh("ip netns del dead");
  await agent.said(cleanedUp("dead")); // so it has looked at the other one too
  expect(tracesOf(node).records).toEqual(["mynet/slow:eth0"]);
  node.sh("echo go > /run/go");
  expect((await ended)[0]).toBe(0);
  expect(node.json("ip -j -4 -n slow address show dev eth0")[0].addr_info).toMatchObject([
    { local: "10.9.0.2" },
  ]);
});

test("the agent leaves a network alone and says so once when its list says disableGC", async () => {
  await using node = await createBareNode();
  writeFile(node, `${CONF_DIR}/90-kept.conflist`, { name: "kept", disableGC: true, plugins: [] });
  attach(node, { conf: { name: "kept", bridge: "cni1" }, containerId: "kept" });
  node.sh("ip netns del kept");
  await using agent = await Agent.start(node, ...EVERY_SECOND);
  for (const containerId of ["one", "two"]) {
    attach(node, { containerId });
    node.sh(`ip netns del ${containerId}`);
    await agent.said(cleanedUp(containerId));
  }
  expect(agent.log.filter(({ what }) => what === "kept/kept/eth0")).toMatchObject([
    { msg: "left alone", reason: `"disableGC" is true in ${CONF_DIR}/90-kept.conflist` },
  ]);
  expect(tracesOf(node).records).toEqual(["kept/kept:eth0"]);
});

test("the agent removes nothing when its interval is 0", async () => {
  await using node = await createBareNode();
  attach(node, { containerId: "dead" });
  node.sh("ip netns del dead");
  await using _agent = await Agent.start(node, "--gc-interval", "0");
  expect(tracesOf(node).records).toEqual(["mynet/dead:eth0"]);
});

test.for(["-1", "5m", "86401", "1e3", "''"])(
  "install --watch refuses when the interval is %s",
  async (text) => {
    await using node = await createBareNode();
    expect(podwire(node, `install --watch --gc-interval=${text === "''" ? "" : text}`)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("want a number of seconds up to 86400, 0 for never"),
    });
  },
);
