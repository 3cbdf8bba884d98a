/** `podwire install --watch`: what it keeps, sweeps and tells. */

import { expect, test } from "vitest";
import { Agent } from "../../support/node/agent.ts";
import { podwire, succeed, writeFile } from "../../support/node/commands.ts";
import { BIN_DIR, CONF_DIR, CONFLIST, createBareNode, installedFiles } from "../../support/node/install.ts";
import type { Node } from "../../support/node/node.ts";

const CONF = {
  cniVersion: "1.0.0",
  name: "podwire",
  type: "podwire",
  ipam: { type: "host-local", ranges: [[{ subnet: "10.244.0.0/16" }]] },
};
const JOURNAL = "/run/podwire/.journal";

const podOf = (node: Node, name: string) => ({
  conf: CONF,
  containerId: name,
  netns: node.addPod(name),
  ifname: "eth0",
});

test.for([
  ["executable is removed", `rm ${BIN_DIR}/podwire`],
  ["executable is overwritten", `echo x > ${BIN_DIR}/other; mv ${BIN_DIR}/other ${BIN_DIR}/podwire`],
  ["link is removed", `rm ${BIN_DIR}/net-script`],
  ["configuration is changed in place", `echo x >> ${CONFLIST}`],
  ["addresses are changed", `sed -i s/10.244/10.99/ ${CONFLIST}`],
  ["directory of configurations is removed", `rm -r ${CONF_DIR}`],
] as const)("the agent puts everything back when the %s", async ([, script]) => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node, "--link", "net-script");
  const before = node.sh(`cd ${BIN_DIR}; sha256sum * ${CONFLIST}; readlink net-script`);
  const from = agent.log.length;
  node.sh(script);
  await agent.said(
    ({ action, path }) => action !== undefined && script.includes(pathOrDirectory(String(path))),
    from,
  );
  expect(node.sh(`cd ${BIN_DIR}; rm -f other; sha256sum * ${CONFLIST}; readlink net-script`)).toBe(before);
});

/** What a script names of an installed file. */
function pathOrDirectory(path: string): string {
  return path.startsWith(CONF_DIR) ? CONF_DIR : path;
}

test("the agent installs a configuration anew when its source is another one", async () => {
  await using node = await createBareNode();
  const textOf = (bridge: string) => ({
    cniVersion: "1.0.0",
    name: "own",
    plugins: [{ type: "podwire", bridge }],
  });
  // As kubelet mounts a ConfigMap: the file is a link into a directory that a link names, which is what changes.
  writeFile(node, "/run/map/one/podwire.conflist", textOf("one0"));
  writeFile(node, "/run/map/two/podwire.conflist", textOf("two0"));
  node.sh("cd /run/map; ln -s one ..data; ln -s ..data/podwire.conflist podwire.conflist");
  await using agent = await Agent.start(node, "--conf", "/run/map/podwire.conflist");
  const from = agent.log.length;
  node.sh("cd /run/map; ln -s two ..tmp; mv -T ..tmp ..data");
  await agent.said(({ action }) => action === "replace", from);
  expect(node.json(`cat ${CONFLIST}`).plugins[0].bridge).toBe("two0");
});

test("the agent keeps the old configuration and says that it is not well when the new one would not pass", async () => {
  await using node = await createBareNode();
  const textOf = (mtu: number) => ({ cniVersion: "1.0.0", name: "own", plugins: [{ type: "podwire", mtu }] });
  writeFile(node, "/run/map/own.conflist", textOf(1400));
  await using agent = await Agent.start(node, "--conf", "/run/map/own.conflist");
  const from = agent.log.length;
  writeFile(node, "/run/map/own.conflist", textOf(1));
  await agent.said(({ level }) => level === 50, from);
  expect(await agent.get("/healthz")).toEqual({
    status: 503,
    text: "/run/map/own.conflist: plugins[0]: mtu: got 1, want 0 or 68 to 65535\n",
  });
  expect(node.json(`cat ${CONFLIST}`).plugins[0].mtu).toBe(1400);
  writeFile(node, "/run/map/own.conflist", textOf(1300));
  await agent.said(({ action }) => action === "replace", from);
  expect(await agent.get("/healthz")).toEqual({ status: 200, text: "ok\n" });
});

test("the agent frees what dead pods left and leaves living ones when it starts", async () => {
  await using node = await createBareNode();
  for (const name of ["dead", "alive"]) node.cni({ command: "ADD", ...podOf(node, name) });
  node.sh("ip netns del dead");
  await using agent = await Agent.start(node);
  expect(agent.log).toContainEqual(expect.objectContaining({ what: "podwire/dead/eth0", msg: "cleaned up" }));
  expect(node.sh("ls /run/podwire/podwire; ls /var/lib/cni/networks/podwire | grep '^10'")).toBe(
    "alive:eth0.json\n10.244.0.3\n",
  );
});

test("the agent frees what a dead pod had of a network by name and the uplink when it starts", async () => {
  await using node = await createBareNode();
  node.sh("ip link add eth1 type veth peer name lan1; ip link set eth1 up");
  const range = "-s 10.10.120.0/24 --start 10.10.120.11 --end 10.10.120.20";
  succeed(node, `network create web ${range} --attach bridge --uplink eth1`);
  const pod = podOf(node, "dead");
  const annotations = { "diamanti.com/endpoint0": '{"network":"web"}' };
  const conf = { ...CONF, runtimeConfig: { "io.kubernetes.cri.pod-annotations": annotations } };
  expect(node.cni({ command: "ADD", ...pod, conf }).exitCode).toBe(0);
  node.sh("ip netns del dead");
  await using agent = await Agent.start(node);
  expect(agent.log.filter(({ problem }) => problem !== undefined)).toEqual([]);
  expect(node.sh("ls /run/podwire/podwire; ls /var/lib/cni/podwire/web | grep '^10' || true")).toBe("");
});

test("the agent leaves attachments alone when it does not see the directory of their namespaces", async () => {
  await using node = await createBareNode();
  node.cni({ command: "ADD", ...podOf(node, "alive") });
  node.sh(
    "umount /run/netns/alive; rm /run/netns/alive; mount --make-private /run/netns 2>/dev/null || true; umount -l /run/netns 2>/dev/null || true; rm -rf /run/netns",
  );
  await using agent = await Agent.start(node);
  expect(agent.log.filter(({ what }) => what !== undefined)).toEqual([]);
  expect(node.sh("ls /run/podwire/podwire")).toBe("alive:eth0.json\n");
});

test("the agent counts calls by verb and code and how long they took when plugins were called", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node);
  const pod = podOf(node, "c1");
  for (const command of ["ADD", "ADD", "CHECK", "DEL", "DEL"]) node.cni({ command, ...pod });
  expect(await agent.metrics()).toMatchObject({
    'podwire_calls_total{verb="ADD",code="0"}': 1,
    'podwire_calls_total{verb="ADD",code="100"}': 1,
    'podwire_calls_total{verb="DEL",code="0"}': 2,
    'podwire_call_duration_seconds_count{verb="ADD"}': 2,
    'podwire_call_duration_seconds_bucket{le="10",verb="DEL"}': 2,
  });
});

test("the agent loses no call when it begins a new journal", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node);
  const line = '{"time":1,"verb":"STATUS","network":"n","code":0,"ms":1}';
  const before = node.sh(`stat -c %i ${JOURNAL}`);
  node.sh(`yes '${line}' | head -n 50000 >> ${JOURNAL}`);
  expect(await agent.metrics()).toMatchObject({ 'podwire_calls_total{verb="STATUS",code="0"}': 50_000 });
  expect(node.sh(`stat -c %i ${JOURNAL}`)).not.toBe(before);
  node.cni({ command: "DEL", conf: CONF, containerId: "c1", ifname: "eth0" });
  expect(await agent.metrics()).toMatchObject({ 'podwire_calls_total{verb="DEL",code="0"}': 1 });
});

test("the agent tells attachments and addresses of every network when there are pods", async () => {
  await using node = await createBareNode();
  node.sh("ip link add eth1 type veth peer name lan1; ip link set eth1 up");
  succeed(
    node,
    "network create web -s 10.10.120.0/24 --start 10.10.120.11 --end 10.10.120.20 --attach macvlan --uplink eth1",
  );
  await using agent = await Agent.start(node);
  for (const name of ["a", "b"]) node.cni({ command: "ADD", ...podOf(node, name) });
  expect(await agent.metrics()).toMatchObject({
    'podwire_attachments{network="podwire",kind="bridge"}': 2,
    'podwire_addresses{network="podwire",family="ipv4",state="used"}': 2,
    'podwire_addresses{network="podwire",family="ipv4",state="free"}': 65_531, // the gateway has one
    'podwire_addresses{network="podwire",family="ipv6",state="used"}': 0,
    'podwire_addresses{network="web",family="ipv4",state="used"}': 0,
    'podwire_addresses{network="web",family="ipv4",state="free"}': 10,
  });
});

const elsewhere = [
  { name: "the usual directory", options: [], configDir: "/etc/cni/net.d/podwire.d" },
  { name: "that which the list names", options: ["--set", "configDir=/run/named"], configDir: "/run/named" },
];

test.for(elsewhere)(
  "the agent looks for networks by name in $name, as plugin calls do, when the list lies elsewhere",
  async ({ options, configDir }) => {
    await using node = await createBareNode();
    node.sh("ip link add eth1 type veth peer name lan1; ip link set eth1 up");
    succeed(
      node,
      `network create web -s 10.10.120.0/24 --start 10.10.120.11 --end 10.10.120.20 --attach macvlan --uplink eth1 --config-dir ${configDir}`,
    );
    const refused = podwire(
      node,
      `install --conf-dir /run/net.d --pod-cidr 10.10.0.0/16 ${options.join(" ")}`,
    );
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringContaining('subnet 10.10.0.0/16 overlaps with network "web"'),
    ]);
    await using agent = await Agent.start(node, "--conf-dir", "/run/net.d", ...options);
    node.cni({ command: "ADD", ...podOf(node, "a") });
    expect(await agent.metrics()).toMatchObject({
      'podwire_addresses{network="podwire",family="ipv4",state="used"}': 1,
      'podwire_addresses{network="podwire",family="ipv4",state="free"}': 65_532,
      'podwire_addresses{network="web",family="ipv4",state="free"}': 10,
    });
  },
);

test.for(["SIGTERM", "SIGINT"] as const)(
  "the agent ends in order and leaves all but its journal and socket in place when it gets %s",
  async (signal) => {
    await using node = await createBareNode();
    await using agent = await Agent.start(node);
    const before = installedFiles(node);
    expect(node.sh(`ls ${JOURNAL}`)).toBe(`${JOURNAL}\n`);
    expect(await agent.stop(signal)).toBe(0);
    expect(agent.log.at(-1)).toMatchObject({ level: 30, signal });
    expect(installedFiles(node)).toBe(before);
    expect(node.sh(`ls -A /run/podwire /run/agent.sock 2>/dev/null || true`)).toBe("/run/podwire:\n");
  },
);

test("the agent answers on the local port when it is told nothing else", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node, "--listen", "127.0.0.1:9810");
  expect(agent.log.at(-1)).toMatchObject({ url: "http://127.0.0.1:9810" });
  const script = "exec 3<>/dev/tcp/127.0.0.1/9810; printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";
  expect(node.run(["bash", "-c", script]).stdout).toMatch(/^HTTP\/1\.\d 200 OK\r\n[\s\S]*\r\n\r\nok\n$/);
});

test.for([
  ["the address is none", "--listen localhost", 2, "want an address and port"],
  ["it is a dry run", "--dry-run", 2, "not with --dry-run"],
  ["the configuration would not pass", "--mtu 1", 1, "mtu: got 1"],
] as const)("install --watch refuses when %s", async ([, options, exitCode, message]) => {
  await using node = await createBareNode();
  expect(podwire(node, `install --watch ${options}`)).toMatchObject({
    exitCode,
    stderr: expect.stringContaining(message),
  });
});

test("a second agent refuses to start while the first one runs", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node);
  const second = podwire(node, "install --watch --listen 127.0.0.1:9811");
  expect(second).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("another agent runs on this node"),
  });
  expect(await agent.get("/healthz")).toEqual({ status: 200, text: "ok\n" });
});

test("the agent makes its journal anew when somebody has removed it", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node);
  node.sh(`rm ${JOURNAL}`);
  await agent.get("/metrics");
  node.cni({ command: "ADD", ...podOf(node, "c1") });
  expect((await agent.get("/metrics")).text).toContain('podwire_calls_total{verb="ADD",code="0"} 1');
});

test("the agent counts what calls write, and nothing else", async () => {
  await using node = await createBareNode();
  await using agent = await Agent.start(node);
  const lines = [
    '{"time":1,"verb":"ADD","network":"a","code":0,"ms":1e999}',
    '{"time":1,"verb":"NONE","network":"a","code":0,"ms":1}',
    '{"time":1,"verb":"ADD","network":"a","code":"x","ms":1}',
    '{"time":1,"verb":"DEL","network":"a","code":7000,"ms":1}',
  ];
  node.sh(`cat >> ${JOURNAL} <<'END'\n${lines.join("\n")}\nEND`);
  node.cni({ command: "ADD", ...podOf(node, "c1") });
  const counted = (await agent.get("/metrics")).text
    .split("\n")
    .filter((line) => line.startsWith("podwire_calls_total{"));
  expect(counted.toSorted()).toEqual([
    'podwire_calls_total{verb="ADD",code="0"} 1',
    'podwire_calls_total{verb="DEL",code="other"} 1',
  ]);
});

test("the agent leaves a file alone that is no socket, and answers GET alone", async () => {
  await using node = await createBareNode();
  node.sh("echo precious > /run/file");
  expect(podwire(node, "install --watch --listen unix:/run/file")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("/run/file exists and is no socket"),
  });
  expect(node.sh("cat /run/file")).toBe("precious\n");
  await using _agent = await Agent.start(node);
  expect(
    node.sh(
      "curl -s -o /dev/null -w '%{http_code}' -X POST --unix-socket /run/agent.sock http://agent/healthz",
    ),
  ).toBe("405");
});
