/** A container with two networks that both have a default gateway: each answers by the way that it was asked. */

import { expect, test } from "vitest";
import { Node, PODWIRE } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { MYNET, mapped, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, World } from "../../support/traffic/traffic-world.ts";

const FIRST = { ...mapped([WEB], MYNET), ipMasq: true };
const SECOND = {
  ...mapped([{ ...WEB, hostPort: 8081 }], MYNET),
  ipMasq: true,
  name: "second",
  bridge: "cni1",
  ipam: { type: "host-local", ranges: [[{ subnet: "10.7.0.0/16" }], [{ subnet: "fd00:7::/64" }]] },
};
const KINDS = [
  ["bridges", {}],
  ["pairs", { mode: "ptp", bridge: undefined, isGateway: undefined, isDefaultGateway: undefined }],
] as const;

function attachBoth(node: Node, fields: object) {
  const routes = "mode" in fields ? { routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }] } : {};
  attach(node, { conf: { ...FIRST, ...fields, ipam: { ...MYNET.ipam, ...routes } } });
  const conf = { ...SECOND, ...fields, ipam: { ...SECOND.ipam, ...routes } };
  return { conf, result: attach(node, { conf, ifname: "eth1" }) };
}

test.for(KINDS)(
  "the host ports of both networks answer from outside, with rp_filter too, by %s",
  async ([, fields]) => {
    await using world = await World.create();
    world.node.sh("sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1");
    attachBoth(world.node, fields);
    await world.serve("c1", "tcp 80", "udp 80");
    for (const to of [NODE4, NODE6])
      for (const port of [8080, 8081])
        expect(world.connect("outside", `tcp ${to} ${port}`)).toBe(
          `c1 ${to === NODE4 ? OUTSIDE4 : OUTSIDE6}`,
        );
  },
);

test.for(KINDS)(
  "what the pod begins leaves by its first network, and by each address with the node's, by %s",
  async ([, fields]) => {
    await using world = await World.create();
    const { result } = attachBoth(world.node, fields);
    await world.serve("outside");
    const second = result.ips.map(({ address }: { address: string }) => address.replace(/\/.*/, ""));
    for (const [family, to, node] of [
      [4, OUTSIDE4, NODE4],
      [6, OUTSIDE6, NODE6],
    ] as const) {
      const route = world.node.json(`ip -n c1 -j -${family} route get ${to}`);
      expect(route[0].dev).toBe("eth0");
      const fromAddress = second.find((address: string) => address.includes(":") === (family === 6));
      expect(world.node.json(`ip -n c1 -j -${family} route get ${to} from ${fromAddress}`)[0].dev).toBe(
        "eth1",
      );
      for (const from of [{}, { fromAddress }])
        expect(world.connect("c1", `tcp ${to} 80`, from)).toBe(`outside ${node}`);
    }
  },
);

test("what has the address of one interface and leaves by the other gets the node's address", async () => {
  await using world = await World.create();
  attachBoth(world.node, {});
  world.node.sh(
    "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.cni0.rp_filter=0 net.ipv4.conf.cni1.rp_filter=0",
  );
  await world.serve("outside");
  world.node.sh("ip -n c1 rule del from 10.7.0.2; ip -n c1 route del default via 10.1.0.1");
  expect(world.connect("c1", `tcp ${OUTSIDE4} 80`, { fromAddress: "10.1.0.2" })).toBe(`outside ${NODE4}`);
  world.node.sh("ip -n c1 route add default via 10.1.0.1");
  expect(world.connect("c1", `tcp ${OUTSIDE4} 80`, { fromAddress: "10.7.0.2" })).toBe(`outside ${NODE4}`);
});

test("the result of the second network tells its metric, CHECK finds a rule that is gone, and DEL leaves none", async () => {
  await using world = await World.create();
  const { node } = world;
  const { conf, result } = attachBoth(node, { cniVersion: "1.1.0" });
  expect(result.routes.map(({ priority }: { priority: number }) => priority)).toEqual([100, 1124]);
  const check = () => call(node, "CHECK", { conf: { ...conf, prevResult: result }, ifname: "eth1" });
  expect(check().stdout).toBe("");
  node.sh("ip -n c1 rule del from 10.7.0.2");
  expect(check().json.msg).toContain("rule from 10.7.0.2 lookup 1003 is missing in the container");
  node.sh("ip -n c1 rule add from 10.7.0.2 lookup 1003 priority 30000");
  expect(call(node, "DEL", { conf, ifname: "eth1" }).exitCode).toBe(0);
  expect(node.sh("ip -n c1 rule; ip -n c1 -6 rule")).not.toContain("30000");
  expect(call(node, "DEL", { conf: FIRST }).exitCode).toBe(0);
  expect(node.sh("nft list ruleset")).not.toContain("c1/eth");
});

/** An ADD of the second network that fails before its rules are made, and one whose result nobody takes. */
const FAILING = [
  ["a parameter is unknown", { sysctl: { "net.ipv4.nothing": "1" } }, "ADD"],
  ["its result is lost", {}, "ADD > /dev/full"],
] as const;

test.for(FAILING)(
  "an ADD of the second network leaves no rule and no element when %s",
  async ([, fields, how]) => {
    await using node = await Node.create();
    attach(node, { conf: FIRST });
    const before = [node.sh("nft list ruleset"), node.sh("ip -n c1 rule; ip -n c1 -6 rule")];
    const conf = { ...SECOND, ...fields, ipMasq: false };
    const request = JSON.stringify({ cniVersion: "1.0.0", type: "podwire", ...conf });
    node.sh(`CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/c1 CNI_IFNAME=eth1 CNI_PATH=/opt/cni/bin \
    ${PODWIRE} ${how.replace("ADD", "")} <<'END' || true
${request}
END`);
    expect(node.sh("ls /run/podwire/second")).toBe("");
    expect(node.sh("ip -n c1 rule; ip -n c1 -6 rule")).toBe(before[1]);
    expect(node.sh("nft list ruleset")).not.toContain("second/c1/eth1");
  },
);
