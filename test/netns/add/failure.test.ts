/** A failed ADD leaves nothing: each cause made by real means, node and pod compared before and after. */

import { expect, test } from "vitest";
import { snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod, NETCONF } from "../../support/pod/attachment.ts";

const { ipam } = NETCONF;
const route = (routes: object[]) => ({ ipam: { ...ipam, routes } });

interface Failure {
  readonly name: string;
  readonly code: number;
  readonly setup?: string;
  readonly conf?: object;
  readonly netns?: string;
}

const failures: Failure[] = [
  {
    name: "the pool is exhausted",
    code: 11,
    setup: "fill",
    conf: { ipam: { ...ipam, subnet: "10.1.0.0/30" } },
  },
  {
    name: "one of two pools is exhausted",
    code: 11,
    setup: "fill",
    conf: {
      ipam: { type: "host-local", ranges: [[{ subnet: "fd00:1::/64" }], [{ subnet: "10.1.0.0/30" }]] },
    },
  },
  { name: "the interface exists in the pod", code: 100, setup: "ip -n c1 link add eth0 type bridge" },
  {
    name: "a record exists",
    code: 100,
    setup: "mkdir -p /run/podwire/mynet; touch /run/podwire/mynet/c1:eth0.json",
  },
  { name: "the bridge's name is taken", code: 100, setup: "ip link add cni0 type veth peer name x" },
  {
    name: "the bridge has another address",
    code: 100,
    setup: "ip link add cni0 type bridge; ip address add 10.9.0.1/16 dev cni0",
  },
  { name: "the netns is missing", code: 8, netns: "/run/netns/none" },
  { name: "the netns is a plain file", code: 8, netns: "/etc/hostname" },
  { name: "the netns is a directory", code: 8, netns: "/run/netns" },
  { name: "the netns is the plugin's own", code: 8, netns: "/proc/self/ns/net" },
  { name: "the netns is another kind of namespace", code: 8, netns: "/proc/self/ns/uts" },
  {
    name: "a route's gateway is out of reach",
    code: 7,
    conf: route([{ dst: "10.8.0.0/16", gw: "192.168.7.1" }]),
  },
  {
    name: "an IPv6 route's gateway is out of reach",
    code: 7,
    conf: { ipam: { ...ipam, subnet: "fd00:1::/64", routes: [{ dst: "fd00:8::/64", gw: "fd00:7::1" }] } },
  },
  { name: "resolvConf is missing", code: 5, conf: { ipam: { ...ipam, resolvConf: "/run/none" } } },
  { name: "resolvConf is a directory", code: 5, conf: { ipam: { ...ipam, resolvConf: "/run" } } },
  { name: "the delegate is missing", code: 104, conf: { ipam: { type: "nowhere" } } },
  { name: "the delegate refuses", code: 7, conf: { ipam: { type: "refuse" } } },
  { name: "the delegate prints no JSON", code: 104, conf: { ipam: { type: "babble" } } },
  { name: "the delegate gives no address", code: 104, conf: { ipam: { type: "nothing" } } },
  { name: "the bridge's name is too long", code: 7, conf: { bridge: "a234567890123456" } },
  { name: "the data directory is read-only", code: 5, setup: "mount -t tmpfs -o ro tmpfs /var/lib/cni" },
  {
    name: "the record directory is read-only",
    code: 5,
    setup: "mkdir /run/podwire; mount -t tmpfs -o ro tmpfs /run/podwire",
  },
  { name: "the data directory is a file", code: 5, setup: "touch /var/lib/cni/networks" },
];

const FILL =
  "mkdir -p /var/lib/cni/networks/mynet; printf 'c9\\r\\neth0' > /var/lib/cni/networks/mynet/10.1.0.2";

/** Address plugins whose ADD goes wrong and whose DEL does nothing. */
const PLUGINS = Object.entries({
  refuse: 'echo \'{"code":7,"msg":"no"}\'; exit 1',
  babble: "echo hello",
  nothing: "echo '{}'",
}).map(([name, script]) => {
  const file = `#!/bin/sh\ntest $CNI_COMMAND = DEL && exit 0\n${script}\n`;
  return `mkdir -p /run/bin; cat > /run/bin/${name} <<'END'\n${file}END\nchmod +x /run/bin/${name}`;
});

test.for(failures)("ADD() fails with code $code and leaves nothing when $name", async (row) => {
  const { code, setup = "true", conf, netns } = row;
  await using node = await Node.create();
  ensurePod(node);
  node.sh(PLUGINS.join("\n"));
  node.sh(setup === "fill" ? FILL : setup);
  const shared = setup.includes("veth") ? [] : ["cni0"];
  const before = snapshot(node, shared);
  const options = { env: { CNI_PATH: "/run/bin" }, ...(netns === undefined ? {} : { netns }) };
  const added = call(node, "ADD", { ...options, conf: conf ?? {} });
  expect([added.exitCode, added.json.code]).toEqual([1, code]);
  expect(snapshot(node, shared)).toEqual(before);
});

const early = failures.filter(({ code, name }) => code === 8 || name.includes("the interface exists"));

test.for(early)("ADD() makes no bridge when $name", async ({ setup = "true", netns = "/run/netns/c1" }) => {
  await using node = await Node.create();
  ensurePod(node);
  node.sh(setup);
  const before = snapshot(node, []);
  expect(call(node, "ADD", { netns }).exitCode).toBe(1);
  expect(snapshot(node, [])).toEqual(before);
});

test("ADD() makes an attachment in its own namespace when CNI_NETNS_OVERRIDE allows it", async () => {
  await using node = await Node.create();
  const env = { CNI_NETNS_OVERRIDE: "1" };
  const added = call(node, "ADD", { netns: "/proc/self/ns/net", env });
  expect(added.exitCode).toBe(0);
  expect(call(node, "DEL", { netns: "/proc/self/ns/net", env }).exitCode).toBe(0);
  expect(Object.keys(snapshot(node).files)).toEqual([]);
});

test("ADD() succeeds at the next try when the cause of its failure is gone", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const conf = { sysctl: { "net.ipv4.conf.IFNAME.none": "1" } }; // refused once the address is reserved
  expect(call(node, "ADD", { conf }).exitCode).toBe(1);
  expect(attach(node).ips[0].address).toBe("10.1.0.3/16");
});

test("DEL() succeeds when the delegate was missing at ADD and still is", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const conf = { ipam: { type: "nowhere" } };
  expect(call(node, "ADD", { conf }).exitCode).toBe(1);
  expect(call(node, "DEL", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("ADD() runs the delegate's DEL when a later step fails", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const script = [
    "#!/bin/sh",
    'echo "$CNI_COMMAND" >> /run/calls',
    'echo \'{"cniVersion":"1.1.0","ips":[{"address":"10.1.0.5/16"}],"routes":[{"dst":"10.8.0.0/16","gw":"1.2.3.4"}]}\'',
  ];
  node.sh(`mkdir /run/bin; cat > /run/bin/fixed <<'END'\n${script.join("\n")}\nEND\nchmod +x /run/bin/fixed`);
  const added = call(node, "ADD", { conf: { ipam: { type: "fixed" } }, env: { CNI_PATH: "/run/bin" } });
  expect(added.exitCode).toBe(1);
  expect(node.sh("cat /run/calls")).toBe("ADD\nDEL\n");
});

test("ADD() runs the delegate's DEL when the delegate's ADD fails", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const script = "#!/bin/sh\necho $CNI_COMMAND >> /run/calls\ntest $CNI_COMMAND = DEL\n";
  node.sh(`mkdir /run/bin; cat > /run/bin/failing <<'END'\n${script}END\nchmod +x /run/bin/failing`);
  call(node, "ADD", { conf: { ipam: { type: "failing" } }, env: { CNI_PATH: "/run/bin" } });
  expect(node.sh("cat /run/calls")).toBe("ADD\nDEL\n");
});
