/** `podwire doctor configuration`: routes that lead away from pods. */

import { expect, test } from "vitest";
import { judgeRoutes } from "../../../../../../src/cli/doctor/checks/network/routes.ts";
import { commands, link, ownNetwork } from "../../../../../support/fixtures/doctor.ts";
import { prefix } from "../../../../../support/fixtures/values.ts";

const LINKS = [link({ ifindex: 2, ifname: "cni0" }), link({ ifindex: 3, ifname: "docker0" })];
const route = (dst: string, ifindex: number, table = 254) => ({
  dst: prefix(dst),
  ifindex,
  table,
  protocol: 2,
});

test.for([
  ["leads to the bridge", route("10.1.0.0/16", 2), []],
  ["leads to another bridge", route("10.1.0.0/16", 3), ["ip route del 10.1.0.0/16 dev docker0"]],
  ["takes a part of it elsewhere", route("10.1.7.0/24", 3), ["ip route del 10.1.7.0/24 dev docker0"]],
  ["covers more", route("10.0.0.0/8", 3), []],
  ["covers more, and begins alike", route("fd00:1::/48", 3), []],
  ["is about others", route("10.2.0.0/16", 3), []],
  ["is in another table", route("10.1.0.0/16", 3, 255), []],
  ["takes the IPv6 network elsewhere", route("fd00:1::/64", 3), ["ip route del fd00:1::/64 dev docker0"]],
] as const)("judgeRoutes() gives the command when a route %s", ([, one, wanted]) => {
  expect(commands(judgeRoutes([ownNetwork()], [one], LINKS))).toEqual(wanted);
});

test("judgeRoutes() takes routes by pods' own interfaces for theirs where there is no bridge", () => {
  const links = [link({ ifindex: 2, ifname: "veth1", ifalias: "podwire mynet/c1/eth0" }), ...LINKS.slice(1)];
  const own = [ownNetwork({ bridge: undefined, name: "mynet", entry: "veth0" })];
  const found = judgeRoutes(own, [route("10.1.0.5/32", 2), route("10.1.0.6/32", 3)], links);
  expect(commands(found)).toEqual(["ip route del 10.1.0.6/32 dev docker0"]);
  expect(found[0]?.text).toContain('not to the pods of "mynet"');
});

test("judgeRoutes() has nothing to say when the node is no gateway", () => {
  expect(commands(judgeRoutes([ownNetwork({ isGateway: false })], [route("10.1.0.0/16", 3)], LINKS))).toEqual(
    [],
  );
});
