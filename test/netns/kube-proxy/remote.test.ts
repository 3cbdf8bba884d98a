/** Services whose pods run on another node: what it sees of a pod that asks, with and without masquerade. */

import { expect, test } from "vitest";
import { MODES, syncServices } from "../../support/kube-proxy/kube-proxy.ts";
import type { Service } from "../../support/kube-proxy/kube-proxy-names.ts";
import { attach } from "../../support/pod/attachment.ts";
import { World } from "../../support/traffic/traffic-world.ts";
import { netconf, V4, V6 } from "./service-world.ts";

const REMOTE = [
  { ...V4, family: "IPv4", prefix: "10.245.0.0/16", pod: "10.245.0.9", route: "ip route" },
  { ...V6, family: "IPv6", prefix: "fd00:10:245::/64", pod: "fd00:10:245::9", route: "ip -6 route" },
] as const;
type Remote = (typeof REMOTE)[number];

const ROWS = MODES.flatMap((mode) => REMOTE.map((remote) => [mode, remote.family, remote] as const));

/** The host outside is the other node: it has the pod's address, and a route to the pods here. */
async function setUp(
  world: World,
  { prefix, pod, route, cluster, node, outside }: Remote,
  conf: object,
): Promise<void> {
  world.node.sh(`ip route add default via 192.168.50.2; ip -6 route add default via fd50::2
    ${route} add ${prefix} via ${outside}`);
  world.outside.sh(`ip address add ${pod} dev lo nodad; ${route} add ${cluster.podPrefix} via ${node}`);
  attach(world.node, { conf: { ...netconf(), ...conf } });
  await world.serve("outside", "tcp 8080");
}

function serviceOf({ one, pod }: Remote): Service {
  const endpoints = [{ address: pod, port: 8080 }];
  return { name: "default/far", portName: "http", protocol: "tcp", clusterIP: one, port: 80, endpoints };
}

test.for(ROWS)(
  "a pod is masqueraded when a pod of another node answers, %s mode, %s",
  async ([mode, , remote]) => {
    await using world = await World.create();
    await setUp(world, remote, {});
    syncServices(world.node, mode, remote.cluster, [serviceOf(remote)]);
    expect(world.connect("c1", `tcp ${remote.one} 80`)).toBe(`outside ${remote.node}`);
  },
);

test.for(ROWS)(
  "a pod keeps its address when the other node's pods are excluded, %s mode, %s",
  async ([mode, , remote]) => {
    await using world = await World.create();
    await setUp(world, remote, { ipMasqExclude: [remote.prefix] });
    syncServices(world.node, mode, remote.cluster, [serviceOf(remote)]);
    expect(world.connect("c1", `tcp ${remote.one} 80`)).toBe(`outside ${remote.c1}`);
  },
);
