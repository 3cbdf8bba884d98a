/** `podwire doctor sysctls`: kernel parameters that pods' traffic depends on. */

import { expect, test } from "vitest";
import {
  type DefaultRoute,
  dotted,
  judgeAdvertisements,
  judgeBridgeNf,
  judgeForwarding,
  judgeIpv6,
  judgeReversePath,
} from "../../../../../../src/cli/doctor/checks/host/sysctls.ts";
import { commands, link, ownNetwork, said, sysctls } from "../../../../../support/fixtures/doctor.ts";
import { prefix } from "../../../../../support/fixtures/values.ts";

const OPEN = {
  "net/ipv4/ip_forward": "1",
  "net/ipv6/conf/all/forwarding": "1",
  "net/ipv4/conf/cni0/forwarding": "1",
  "net/ipv6/conf/cni0/forwarding": "1",
};
const GATEWAY = { ifnames: ["cni0"], families: [4, 6], leavesForwarding: false } as const;

test.for([
  ["everything is on", {}, []],
  [
    "IPv4 is off",
    { "net/ipv4/ip_forward": "0", "net/ipv4/conf/cni0/forwarding": "0" },
    ["sysctl -w net.ipv4.ip_forward=1"],
  ],
  ["IPv6 is off", { "net/ipv6/conf/all/forwarding": "0" }, ["sysctl -w net.ipv6.conf.all.forwarding=1"]],
  [
    "one interface is off",
    { "net/ipv4/conf/cni0/forwarding": "0" },
    ["sysctl -w net.ipv4.conf.cni0.forwarding=1"],
  ],
] as const)("judgeForwarding() gives the command when %s", ([, more, wanted]) => {
  expect(commands(judgeForwarding([GATEWAY], sysctls({ ...OPEN, ...more })))).toEqual(wanted);
});

test.for([
  [false, true],
  [true, false],
])(
  "judgeForwarding() is mended by itself when the operator has forwarding: %s",
  ([leavesForwarding, mends]) => {
    const gateway = { ...GATEWAY, leavesForwarding: leavesForwarding === true };
    const [found] = judgeForwarding([gateway], sysctls({ ...OPEN, "net/ipv4/ip_forward": "0" }));
    expect([found?.level, found?.fix !== undefined]).toEqual(["fault", mends]);
  },
);

test("judgeForwarding() is content when no pod needs it", () => {
  expect(said(judgeForwarding([], sysctls({ "net/ipv4/ip_forward": "0" })))).toEqual([
    ["ok", "no pod needs forwarding now"],
  ]);
});

test("dotted() keeps the dot of an interface's name when it is one of a VLAN", () => {
  expect(dotted("net/ipv4/conf/cni0.100/rp_filter")).toBe("net.ipv4.conf.cni0/100.rp_filter");
});

test.for([
  ["the bridge has IPv6", { "net/ipv6/conf/cni0/disable_ipv6": "0" }, true, []],
  [
    "the bridge has none",
    { "net/ipv6/conf/cni0/disable_ipv6": "1" },
    true,
    ["sysctl -w net.ipv6.conf.cni0.disable_ipv6=0"],
  ],
  [
    "new interfaces get none",
    { "net/ipv6/conf/default/disable_ipv6": "1" },
    false,
    ["sysctl -w net.ipv6.conf.default.disable_ipv6=0"],
  ],
  [
    "the kernel has none",
    {},
    true,
    ["boot without ipv6.disable=1, or take the IPv6 range out of the configuration"],
  ],
] as const)("judgeIpv6() gives what is to be done when %s", ([, values, isThere, wanted]) => {
  const links = isThere ? [link({ ifname: "cni0" })] : [];
  expect(commands(judgeIpv6([ownNetwork()], links, sysctls(values)))).toEqual(wanted);
});

test("judgeIpv6() is content when no network has IPv6 addresses", () => {
  const own = ownNetwork({ subnets: [prefix("10.1.0.0/16")] });
  expect(said(judgeIpv6([own], [], sysctls({})))).toEqual([["ok", "no network has IPv6 addresses"]]);
});

const way = (ifname: string, more: Partial<DefaultRoute> = {}): DefaultRoute => ({
  ifname,
  family: 4,
  isMain: true,
  isAdvertised: false,
  ...more,
});

const RA = { "net/ipv6/conf/eth0/accept_ra": "1" };
const advertised = way("eth0", { family: 6, isAdvertised: true });

test.for([
  ["the node will be a router", [ownNetwork()], [advertised], RA, 1],
  ["it takes them as a router too", [ownNetwork()], [advertised], { "net/ipv6/conf/eth0/accept_ra": "2" }, 0],
  ["the route is no router's", [ownNetwork()], [{ ...advertised, isAdvertised: false }], RA, 0],
  ["pods have IPv4 alone", [ownNetwork({ subnets: [prefix("10.1.0.0/16")] })], [advertised], RA, 0],
  ["the node is no gateway", [ownNetwork({ isGateway: false })], [advertised], RA, 0],
] as const)(
  "judgeAdvertisements() warns only where the default route would end when %s",
  ([, own, ways, values, warnings]) => {
    const found = judgeAdvertisements(own, ways, sysctls(values));
    expect(commands(found)).toEqual(warnings === 0 ? [] : ["sysctl -w net.ipv6.conf.eth0.accept_ra=2"]);
  },
);

const STRICT = { "net/ipv4/conf/all/rp_filter": "1", "net/ipv4/conf/eth1/rp_filter": "2" };

test.for([
  ["there is one way out", [way("eth0")], STRICT, []],
  ["there are two", [way("eth0"), way("eth1")], STRICT, ["sysctl -w net.ipv4.conf.eth0.rp_filter=2"]],
  [
    "one is in another table",
    [way("eth0", { isMain: false })],
    STRICT,
    ["sysctl -w net.ipv4.conf.eth0.rp_filter=2"],
  ],
  ["the second is IPv6's", [way("eth0"), way("eth1", { family: 6 })], STRICT, []],
  ["nothing is strict", [way("eth0"), way("eth1")], {}, []],
] as const)("judgeReversePath() warns of what is strict when %s", ([, ways, values, wanted]) => {
  expect(commands(judgeReversePath(ways, sysctls(values)))).toEqual(wanted);
});

const SHOWN = { "net/bridge/bridge-nf-call-iptables": "1", "net/bridge/bridge-nf-call-ip6tables": "1" };

test.for([
  ["there is no kube-proxy", false, {}, {}, 0],
  ["bridged frames are shown", false, {}, SHOWN, 0],
  ["the network has rules of ours", true, { hasRules: true }, {}, 0],
  ["nothing translates back", true, { hasRules: false }, {}, 1],
  [
    "IPv6 frames are not shown",
    true,
    { hasRules: false },
    { ...SHOWN, "net/bridge/bridge-nf-call-ip6tables": "0" },
    1,
  ],
  ["all frames are shown", true, { hasRules: false }, SHOWN, 0],
] as const)(
  "judgeBridgeNf() warns of Services that do not answer when %s",
  ([, hasKubeProxy, more, values, warnings]) => {
    const own = [ownNetwork({ hasRules: false, ...more })];
    expect(commands(judgeBridgeNf(own, hasKubeProxy, sysctls(values)))).toHaveLength(warnings);
  },
);
