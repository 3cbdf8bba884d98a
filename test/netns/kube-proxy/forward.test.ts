/** Services where another program drops what is forwarded, as Docker does: `forward` lets pods through. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MODES } from "../../support/kube-proxy/kube-proxy.ts";
import { call } from "../../support/pod/attachment.ts";
import { World } from "../../support/traffic/traffic-world.ts";
import { HOST_PORT, NODE_PORT, netconf, setUpServices, syncAll, V4, V6 } from "./service-world.ts";

const FAMILIES = [
  ["IPv4", V4],
  ["IPv6", V6],
] as const;

const DROP = "iptables-nft -P FORWARD DROP; ip6tables-nft -P FORWARD DROP";

describe.for(MODES)("forward, kube-proxy in %s mode:", (mode) => {
  let world: World;
  beforeAll(async () => {
    world = await World.create();
    world.node.sh(DROP);
    await setUpServices(world, { mode, brNetfilter: false, first: "kube-proxy", conf: { forward: true } });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  test.for(FAMILIES)("a pod answers when another pod asks by ClusterIP, %s", ([, { one, gateway }]) => {
    expect(world.connect("c3", `tcp ${one} 80`)).toBe(`c1 ${gateway}`);
  });

  test.for(FAMILIES)("a pod answers when a host outside asks by NodePort, %s", ([, { node, gateway }]) => {
    expect(world.connect("outside", `tcp ${node} ${NODE_PORT.one}`)).toBe(`c1 ${gateway}`);
  });

  test.for(FAMILIES)("a pod answers when a host outside asks by host port, %s", ([, { node, outside }]) => {
    expect(world.connect("outside", `tcp ${node} ${HOST_PORT}`)).toBe(`c1 ${outside}`);
  });

  test.for(FAMILIES)("a host outside answers when a pod asks, %s", ([, { node, outside }]) => {
    expect(world.connect("c3", `tcp ${outside} 80`)).toBe(`outside ${node}`);
  });

  test.for(["iptables-nft", "ip6tables-nft"])("%s shows the accepting rules after a full sync", (program) => {
    const rules = () => world.node.sh(`${program} -S FORWARD`).split("\n");
    const before = rules();
    syncAll(world, mode);
    expect(rules()).toEqual(before);
    expect(before.filter((rule) => /^-A FORWARD -[io] cni0 .*-j ACCEPT$/.test(rule))).toHaveLength(2);
  });
});

/** What happens to iptables' rules between ADD and DEL. */
const EVENTS = [
  ["are as ADD left them", ""],
  ["were saved and restored", "iptables-nft-save > /run/rules; iptables-nft-restore < /run/rules"],
  ["no longer drop what is forwarded", "iptables-nft -P FORWARD ACCEPT"],
] as const;

test.for(EVENTS)(
  "DEL() of the last pod takes the accepting rules away when iptables' rules %s",
  async ([, event]) => {
    await using world = await World.create();
    world.node.sh(DROP);
    await setUpServices(world, {
      mode: "iptables",
      brNetfilter: false,
      first: "kube-proxy",
      conf: { forward: true },
    });
    world.node.sh(event);
    for (const containerId of ["c1", "c2", "c3"]) {
      call(world.node, "DEL", { containerId, conf: { ...netconf(), forward: true } });
    }
    expect(world.node.sh("iptables-nft -S FORWARD")).not.toContain("cni0");
  },
);
