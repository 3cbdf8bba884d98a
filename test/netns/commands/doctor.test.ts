/** `podwire doctor`: a node that is well, the options, and what it does without rights. */

import { expect, test } from "vitest";
import { Agent } from "../../support/node/agent.ts";
import { podwire, writeFile } from "../../support/node/commands.ts";
import { createServingNode, report, troubles } from "../../support/node/doctor-node.ts";
import { BIN_DIR, CONFLIST, createBareNode } from "../../support/node/install.ts";
import type { Node } from "../../support/node/node.ts";

/** Everything that the command could change. */
function stateOf(node: Node): string {
  return node.sh(`ip -o link; ip -o -4 address; ip -4 route show table all; nft list ruleset; ip netns list; tc qdisc
    find /run/podwire /var/lib/cni /etc/cni /opt/cni/bin -printf '%p %m %s %T@ %C@ %l\\n' | sort
    cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding`);
}

test("doctor finds nothing wrong when a node serves its pods", async () => {
  await using node = await createServingNode();
  const { exitCode, stdout, stderr } = podwire(node, "doctor");
  expect([exitCode, stderr, troubles(node)]).toEqual([0, "", []]);
  expect(stdout).toMatch(/^rights\n {2}✓ root\n\nkernel\n {2}✓ Linux /);
  expect(stdout).toContain(
    "\ndrift\n  ✓ no other program has made a table of podwire's name\n  ✓ rulesets are as the records say\n",
  );
  expect(stdout).toContain("  ✓ 2 attachments as ADD made them\n");
});

/** The pod's end takes its interface along a moment later. */
const FOUR_TROUBLES = `ip netns del c2; while ip link show type veth | grep -q podwire/c2/eth0; do sleep 0.02; done
  nft flush table inet podwire; sysctl -qw net.ipv4.ip_forward=0; chmod 777 /run/podwire`;

test("doctor changes nothing when it is not told to", async () => {
  await using node = await createServingNode();
  node.sh(FOUR_TROUBLES);
  const before = stateOf(node);
  expect(troubles(node).filter(({ fixable }) => fixable)).toHaveLength(4);
  expect(stateOf(node)).toBe(before);
});

test("doctor --fix mends what is safe, says what it did and looks again", async () => {
  await using node = await createServingNode();
  node.sh(FOUR_TROUBLES);
  const { exitCode, stdout } = podwire(node, "doctor --fix");
  const [done = "", ...rest] = stdout.split("\n\n");
  expect(done.split("\n").map((line) => line.replace(/: its network.*/, ""))).toEqual([
    "set the mode of /run/podwire to 0755",
    "set net.ipv4.ip_forward to 1",
    "removed podwire/c2/eth0",
    "podwire/c1/eth0: put back the rules",
  ]);
  expect([exitCode, rest[0]]).toEqual([0, "rights\n  ✓ root"]);
  expect(troubles(node)).toEqual([]);
  expect(node.sh("stat -c %a /run/podwire; cat /proc/sys/net/ipv4/ip_forward; ls /run/podwire/podwire")).toBe(
    "755\n1\nc1:eth0.json\n",
  );
});

test("doctor --fix prints JSON alone when programs read it", async () => {
  await using node = await createServingNode();
  node.sh("chmod 777 /run/podwire");
  const { stdout, stderr } = podwire(node, "doctor directories --fix --json");
  expect(JSON.parse(stdout).map(({ level }: { level: string }) => level)).toEqual(["ok", "ok", "ok"]);
  expect(stderr).toBe("set the mode of /run/podwire to 0755\n\n");
});

test("doctor looks at some groups alone when they are named", async () => {
  await using node = await createBareNode();
  expect(new Set(report(node, "pools leaks").map(({ group }) => group))).toEqual(new Set(["pools", "leaks"]));
});

test("doctor exits with 2 and names the groups when one is none", async () => {
  await using node = await createBareNode();
  const { exitCode, stdout, stderr } = podwire(node, "doctor nix");
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/'nix' is invalid.*configuration.*drift/);
});

test("doctor shows the details of what is well when it is to be verbose", async () => {
  await using node = await createServingNode();
  const pool = "      podwire 10.244.0.1-10.244.0.254: █░░░░░░░░░░░░░░░░░░░ 0 %, 251 free\n";
  expect(podwire(node, "doctor pools -v").stdout).toContain(pool);
  expect(podwire(node, "doctor pools").stdout).not.toContain("free");
});

test("doctor finds a fault, and goes on, when nothing is installed", async () => {
  await using node = await createBareNode();
  const found = troubles(node);
  expect(found).toMatchObject([
    {
      group: "configuration",
      text: "there is no configuration in /etc/cni/net.d",
      command: "podwire install --pod-cidr NETWORK",
    },
  ]);
  expect(podwire(node, "doctor").exitCode).toBe(1);
});

test("doctor says that it lacks rights, and looks at the rest, when it is not root", async () => {
  await using node = await createServingNode();
  const { exitCode, stdout, stderr } = node.run([
    ..."setpriv --reuid 65534 --regid 65534 --clear-groups".split(" "),
    `${BIN_DIR}/podwire`,
    ..."doctor --json".split(" "),
  ]);
  const found: ReturnType<typeof report> = JSON.parse(stdout);
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(found[0]).toMatchObject({ group: "rights", level: "warning", command: "sudo podwire doctor" });
  const unseen = found.filter(({ text }) => text.endsWith("not looked at, for lack of rights"));
  expect(unseen.map(({ group, check }) => `${group}/${check}`)).toEqual(
    expect.arrayContaining(["kernel/features", "drift/attachments", "leaks/garbage"]),
  );
  const seen = found.filter(({ level }) => level === "ok").map(({ group }) => group);
  expect(new Set(seen)).toEqual(
    new Set(["kernel", "configuration", "directories", "sysctls", "vfs", "agent"]),
  );
});

/** A command without capabilities; with an end, for the kernel may not answer a question as often as it was asked. */
function without(capabilities: string, command: string): string[] {
  const dropped = `--bounding-set ${capabilities} --inh-caps ${capabilities}`;
  return `timeout 60 setpriv ${dropped} ${BIN_DIR}/podwire ${command}`.split(" ");
}

test.for([
  ["CAP_NET_ADMIN and CAP_SYS_ADMIN", "-sys_admin,-net_admin"],
  ["CAP_NET_ADMIN", "-net_admin"],
  ["CAP_SYS_ADMIN", "-sys_admin"],
] as const)("doctor goes on, and finds no fault, when root lacks %s", async ([names, capabilities]) => {
  await using node = await createServingNode();
  const { exitCode, stdout } = node.run(without(capabilities, "doctor --json"));
  const found: ReturnType<typeof report> = JSON.parse(stdout);
  expect([exitCode, found[0]?.text]).toEqual([0, `root, but without ${names}`]);
  expect(found.find(({ check }) => check === "features")).toMatchObject({
    level: "warning",
    text: "features: not looked at, for lack of rights",
  });
});

test("repair ends and says so when root lacks capabilities", async () => {
  await using node = await createServingNode();
  const { exitCode, stdout } = node.run(without("-net_admin", "repair"));
  expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/^podwire\/c1\/eth0: failed: .*EPERM/m)]);
});

test("doctor reads other directories when it is told where they are", async () => {
  await using node = await createServingNode();
  node.sh(
    "mkdir -p /run/other/net.d; mv /etc/cni/net.d/* /run/other/net.d; mv /opt/cni/bin/podwire /run/other",
  );
  const options = "--config-dir /run/other/net.d/podwire.d --plugin-dir /nix:/run/other";
  expect(troubles(node, options)).toEqual([]);
});

test("doctor makes a finding of a check that cannot be made", async () => {
  await using node = await createServingNode();
  node.sh(
    "rm -r /etc/cni/net.d/podwire.d; echo > /etc/cni/net.d/podwire.d; mkdir /etc/cni/net.d/20-x.conflist",
  );
  const { exitCode, stdout } = podwire(node, "doctor configuration pools --json");
  expect([exitCode, JSON.parse(stdout)]).toEqual([
    1,
    expect.arrayContaining([
      expect.objectContaining({
        level: "fault",
        text: expect.stringContaining("order could not be looked at"),
      }),
      expect.objectContaining({
        level: "fault",
        text: expect.stringContaining("usage could not be looked at"),
      }),
    ]),
  ]);
});

test("doctor asks the agent when one runs", async () => {
  await using node = await createBareNode();
  const conf = (mtu: number) => ({ cniVersion: "1.0.0", name: "own", plugins: [{ type: "podwire", mtu }] });
  writeFile(node, "/run/own.conflist", conf(1400));
  await using agent = await Agent.start(node, "--conf", "/run/own.conflist");
  const said = () => report(node, "agent").map(({ level, text }) => `${level} ${text}`);
  expect(said()).toEqual(["ok the agent at unix:/run/agent.sock is well"]);
  const from = agent.log.length;
  writeFile(node, "/run/own.conflist", conf(1));
  await agent.said(({ level }) => level === 50, from);
  expect(said()).toEqual([
    "fault the agent at unix:/run/agent.sock is not well: /run/own.conflist: plugins[0]: mtu: got 1, want 0 or 68 to 65535",
  ]);
  await agent.stop("SIGTERM");
  expect(said()).toEqual(["ok no agent runs here, and none is needed"]);
  expect(node.json(`cat ${CONFLIST}`).plugins[0].mtu).toBe(1400);
});
