/** `podwire doctor`: faults that take more than one command to make or to mend. */

import { expect, test } from "vitest";
import { createNode, podwire, reserve, succeed, writeFile } from "../../support/node/commands.ts";
import {
  addPod,
  callPod,
  createServingNode,
  obey,
  report,
  troubles,
} from "../../support/node/doctor-node.ts";
import { CONFLIST } from "../../support/node/install.ts";
import type { Node } from "../../support/node/node.ts";
import { FakeSysfs } from "../../support/sriov/fake-sysfs.ts";

const NETWORK = { start: "10.9.0.10", end: "10.9.0.19", subnet: "10.9.0.0/24" };
const DIR = "/etc/cni/net.d/podwire.d";

/** A network by name on eth0's bridge, with a range of ten addresses. */
function putNetwork(node: Node, name: string, more: object = {}): void {
  writeFile(node, `${DIR}/networks/${name}.json`, {
    ranges: [NETWORK],
    attach: { kind: "macvlan", uplink: "eth0" },
    ...more,
  });
}

const textsOf = (node: Node, group: string) =>
  troubles(node, group).map(({ level, text }) => `${level} ${text}`);

test.for([
  [7, []],
  [8, ['warning network "web": 8 of 10 addresses of 10.9.0.10-10.9.0.19 are taken']],
  [10, ['fault network "web": all 10 addresses of 10.9.0.10-10.9.0.19 are taken']],
] as const)("doctor judges a pool when %i of its 10 addresses are taken", async ([taken, wanted]) => {
  await using node = await createServingNode();
  putNetwork(node, "web");
  for (let index = 0; index < taken; index++) reserve(node, "web", `10.9.0.${10 + index}`);
  expect(textsOf(node, "pools")).toEqual(wanted);
});

test("doctor gives the command that makes room when a full pool has addresses that nobody has", async () => {
  await using node = await createServingNode();
  putNetwork(node, "web");
  for (let index = 0; index < 10; index++) reserve(node, "web", `10.9.0.${10 + index}`, "c9");
  node.sh("touch -d '2 minutes ago' /var/lib/cni/podwire/web/*");
  const [found] = troubles(node, "pools");
  expect([found?.level, found?.command]).toEqual(["fault", "podwire gc"]);
  if (found !== undefined) obey(node, found);
  expect(troubles(node, "pools leaks")).toEqual([]);
});

test("doctor finds a full pool at the moment when ADD does", async () => {
  await using node = await createServingNode("", "10.244.0.0/29");
  for (const name of ["c3", "c4"]) addPod(node, name);
  expect(textsOf(node, "pools")).toEqual([
    'warning network "podwire": 4 of 5 addresses of 10.244.0.1-10.244.0.6 are taken',
  ]);
  addPod(node, "c5");
  expect(textsOf(node, "pools")).toEqual([
    'fault network "podwire": all 5 addresses of 10.244.0.1-10.244.0.6 are taken',
  ]);
  expect(callPod(node, "ADD", { name: "c6", netns: node.addPod("c6") }).json.code).toBe(11);
});

test("doctor names attachment, step and difference when a pod has lost its address", async () => {
  await using node = await createServingNode();
  node.sh("ip -n c1 -4 address flush dev eth0");
  const [found, ...others] = troubles(node, "drift");
  expect([found, others]).toMatchObject([
    {
      level: "fault",
      text: "podwire/c1/eth0: configureContainer",
      details: [
        'address 10.244.0.2/24 is missing on "eth0" in the container',
        "route 0.0.0.0/0 via 10.244.0.1 is missing in the container",
      ],
      command: "podwire attachment podwire/c1/eth0",
    },
    [],
  ]);
  expect(podwire(node, "attachment podwire/c1/eth0").exitCode).toBe(1);
});

test("doctor does not say the same twice when the rulesets have lost what is a pod's", async () => {
  await using node = await createServingNode();
  node.sh("nft delete table inet podwire");
  expect(troubles(node, "drift").map(({ check }) => check)).toEqual(["rulesets"]);
});

test("doctor names what is in the tables for no pod", async () => {
  await using node = await createServingNode();
  const element = `inet podwire hostports_ip '{ tcp . 99 comment "mine" : 10.244.0.2 . 80 }'`;
  node.sh(`nft add element ${element}`);
  expect(troubles(node, "drift")).toMatchObject([
    {
      level: "warning",
      text: "1 element of podwire's tables is no pod's",
      details: ['element { tcp . 99 } of set hostports_ip in table inet podwire, comment "mine"'],
    },
  ]);
  node.sh("nft delete element inet podwire hostports_ip '{ tcp . 99 }'");
  expect(troubles(node, "drift")).toEqual([]);
});

test("doctor says that repair was not enough when somebody made another table of the same name", async () => {
  await using node = await createServingNode();
  node.sh(
    "nft delete table inet podwire; nft add table inet podwire; nft 'add set inet podwire guarded { type mark; }'",
  );
  const [done] = podwire(node, "doctor drift --fix").stdout.split("\n\n");
  expect(done?.split("\n")[0]).toMatch(
    /^podwire\/c[12]\/eth0: failed: table inet podwire is not podwire's: .*; remove it by nft delete table inet podwire/,
  );
  node.sh("nft delete table inet podwire");
  succeed(node, "repair");
  expect(troubles(node, "drift")).toEqual([]);
});

test("doctor says what is lost when pods' packets are larger than the uplink takes", async () => {
  await using node = await createServingNode();
  node.sh("ip link set eth0 mtu 1400");
  expect(troubles(node, "mtu")).toMatchObject([
    {
      level: "warning",
      text: 'pods of "cni0" send packets of 1500 bytes, "eth0" takes 1400',
      command: `set "mtu": 1400 in plugins[0] of ${CONFLIST}, and delete the pods to have them made anew`,
    },
  ]);
  node.sh(`sed -i 's/"type": "podwire"/"type": "podwire", "mtu": 1400/' ${CONFLIST}`);
  for (const name of ["c1", "c2"]) callPod(node, "DEL", { name, netns: `/run/netns/${name}` });
  for (const name of ["c3", "c4"]) addPod(node, name);
  expect(troubles(node, "mtu")).toEqual([]);
});

test("doctor says what is lost when a bridge has ports of two MTUs", async () => {
  await using node = await createServingNode();
  node.sh("ip link add x0 mtu 1300 type veth peer name y0; ip link set x0 master cni0 up; ip link set y0 up");
  expect(textsOf(node, "mtu")).toEqual(['fault ports of bridge "cni0" have MTUs of 1300 to 1500 bytes']);
  node.sh("ip link del x0");
  expect(troubles(node, "mtu")).toEqual([]);
});

test("doctor names a tunnel when it takes less than pods send", async () => {
  await using node = await createServingNode();
  node.sh(`ip link add flannel.1 mtu 1450 type vxlan id 1 dev eth0 dstport 8472; ip link set flannel.1 up
    ip route add 10.244.7.0/24 dev flannel.1`);
  const [found] = troubles(node, "mtu");
  expect([found?.text, found?.meaning]).toEqual([
    'pods of "cni0" send packets of 1500 bytes, "flannel.1" takes 1450',
    expect.stringContaining("the far ends of a vxlan tunnel"),
  ]);
});

test.for([
  [
    "has addresses of the pods",
    (node: Node) =>
      putNetwork(node, "web", {
        ranges: [{ ...NETWORK, subnet: "10.244.0.0/16", start: "10.244.0.10", end: "10.244.0.19" }],
      }),
    expect.stringContaining("overlaps with"),
  ],
  [
    "stands on an interface that is gone",
    (node: Node) => putNetwork(node, "web", { attach: { kind: "macvlan", uplink: "eth9" } }),
    'network "web": uplink "eth9" does not exist on this node',
  ],
  [
    "wants the node's own uplink as a port",
    (node: Node) => putNetwork(node, "web", { attach: { kind: "bridge", uplink: "eth0" } }),
    'network "web": uplink "eth0" has addresses of the node\'s own, which would be cut off',
  ],
  [
    "is that of an endpoint, and does not have its address",
    (node: Node) => {
      putNetwork(node, "web");
      const endpoint = { name: "ep1", namespace: "shop", network: "web", addresses: ["10.9.0.99"] };
      writeFile(node, `${DIR}/endpoints/shop.ep1.json`, endpoint);
    },
    'endpoint "shop/ep1": address 10.9.0.99 is not in the range 10.9.0.10-10.9.0.19 of network "web"',
  ],
] as const)("doctor names the network when it %s", async ([, put, text]) => {
  await using node = await createServingNode();
  put(node);
  expect(troubles(node, "configuration")[0]).toMatchObject({ level: "fault", text });
});

test.for([
  ["plugins[0].mtu is none", `s/"type": "podwire"/"type": "podwire", "mtu": 1/`, "mtu: got 1"],
  [
    "the version is one that nobody speaks",
    `s/"cniVersion": "1.0.0"/"cniVersion": "9.0.0"/; s/"1.1.0"/"9.9.9"/`,
    "9.9.9",
  ],
  [
    "its second plugin is missing",
    `s/"plugins": \\[/"plugins": [ { "type": "nix" },/`,
    "plugins[0]: there is no nix in /opt/cni/bin",
  ],
] as const)("doctor names the field of our own list when %s", async ([, script, text]) => {
  await using node = await createServingNode();
  node.sh(`sed -i '${script}' ${CONFLIST}`);
  const [found, ...others] = troubles(node, "configuration");
  expect(`${found?.text}: ${found?.command}`).toContain(text);
  expect([found?.level, others]).toEqual(["fault", []]);
});

test("doctor is content when podwire's configuration is a single plugin's", async () => {
  await using node = await createServingNode();
  const { cniVersion, name, plugins } = node.json(`cat ${CONFLIST}`);
  writeFile(node, "/etc/cni/net.d/10-podwire.conf", { cniVersion, name, ...plugins[0] });
  node.sh(`rm ${CONFLIST}`);
  expect(troubles(node)).toEqual([]);
});

test("doctor says that ADD turns forwarding on when there are no pods", async () => {
  await using node = await createServingNode();
  node.sh("ip netns del c1; ip netns del c2; sysctl -qw net.ipv4.ip_forward=0");
  expect(troubles(node, "sysctls")).toEqual([]);
});

test("doctor finds no room when a file system has no inodes left", async () => {
  await using node = await createServingNode();
  node.sh(
    "mkdir -p /var/lib/cni/podwire; mount -t tmpfs -o nr_inodes=2,mode=755 tmpfs /var/lib/cni/podwire; touch /var/lib/cni/podwire/x",
  );
  const [found] = troubles(node, "directories");
  expect([found?.level, found?.text, found?.command]).toEqual([
    "fault",
    "/var/lib/cni/podwire: no inodes left",
    "df -i /var/lib/cni/podwire",
  ]);
  expect(node.sh(found?.command ?? "false")).toMatch(/100%/);
});

test("doctor finds another build when the runtime's is not this one", async () => {
  await using node = await createServingNode();
  expect(troubles(node, "directories")).toEqual([]);
  node.sh("echo >> /opt/cni/bin/podwire");
  const [found] = troubles(node, "directories");
  expect(found).toMatchObject({
    level: "warning",
    text: expect.stringContaining("is another build than this one"),
  });
  if (found !== undefined) obey(node, found);
  expect(troubles(node, "directories")).toEqual([]);
});

const KUBE_PROXY = "nft add table ip kube-proxy; nft add chain ip kube-proxy services";

test("doctor warns of Services when kube-proxy is there and the network has no rules of ours", async () => {
  await using node = await createServingNode("--set ipMasq=false");
  node.sh("sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0");
  expect(troubles(node, "sysctls")).toEqual([]);
  node.sh(KUBE_PROXY);
  expect(textsOf(node, "sysctls")).toEqual([
    'warning bridged frames of "cni0" are not shown to kube-proxy\'s rules',
  ]);
  node.sh("sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1");
  expect(troubles(node, "sysctls")).toEqual([]);
});

const SRIOV = { attach: { kind: "sriov", pfs: ["ens1"] } };

test.for([
  ["the card is gone", [], ['fault network "fast": "ens1" is no physical function of this node']],
  [
    "the card has no functions",
    [{ ifname: "ens1", bus: "3b", vfs: [] }],
    ['fault network "fast": "ens1" has no virtual functions'],
  ],
  ["the card has some", [{ ifname: "ens1", bus: "3b", vfs: [{}] }], []],
] as const)("doctor looks at the cards of networks when %s", async ([, cards, wanted]) => {
  using sysfs = new FakeSysfs(cards);
  await using node = await createNode();
  putNetwork(node, "fast", SRIOV);
  for (const { ifname } of cards) node.sh(`ip link add ${ifname} type veth peer name far-${ifname}`);
  node.sh(`mount --bind ${sysfs.root} /sys`);
  expect(textsOf(node, "vfs")).toEqual(wanted);
});

test("doctor names who holds a virtual function when that pod is gone, and --fix frees it", async () => {
  await using node = await createServingNode();
  node.sh("mkdir -p /run/podwire/.vfs; ln -s '800 web/c9/eth0' /run/podwire/.vfs/0000:3b:10.0");
  const [found] = report(node, "vfs").filter(({ level }) => level === "warning");
  expect(found?.details).toEqual(["0000:3b:10.0: web/c9/eth0"]);
  succeed(node, "doctor vfs --fix");
  expect(troubles(node, "vfs")).toEqual([]);
});

test("doctor names forwarding that is off, and leaves it to the operator, when the configuration does", async () => {
  await using node = await createServingNode();
  const { plugins, ...list } = node.json(`cat ${CONFLIST}`);
  writeFile(node, CONFLIST, {
    ...list,
    plugins: [{ ...plugins[0], forwarding: "leave" }, ...plugins.slice(1)],
  });
  node.sh("sysctl -qw net.ipv4.ip_forward=0");
  const [found, ...others] = troubles(node, "sysctls");
  expect([found?.level, found?.text, others]).toEqual(["fault", "net.ipv4.ip_forward is 0", []]);
  podwire(node, "doctor --fix");
  expect(node.sh("sysctl -n net.ipv4.ip_forward")).toBe("0\n");
  if (found !== undefined) obey(node, found);
  expect(troubles(node, "sysctls")).toEqual([]);
});

test("doctor names the node's own address when it is in the range of pods", async () => {
  await using node = await createServingNode();
  node.sh("ip address add 10.244.0.4/32 dev eth0");
  addPod(node, "c3");
  expect(node.sh("ls /var/lib/cni/networks/podwire")).toContain("10.244.0.5\n");
  const [found, ...others] = troubles(node, "pools");
  expect([found?.level, found?.text, others]).toEqual([
    "warning",
    '10.244.0.4 of "eth0", the node\'s own, is in 10.244.0.1-10.244.0.254 of network "podwire"',
    [],
  ]);
  node.sh(found?.command?.split(",")[0] ?? "");
  expect(troubles(node, "pools")).toEqual([]);
});
