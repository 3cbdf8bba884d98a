/** A node with pods behind Services: what kube-proxy is told, and where its rules lead. */

import { readFileSync } from "node:fs";
import { type Mode, syncServices } from "../../support/kube-proxy/kube-proxy.ts";
import type { Cluster, Service } from "../../support/kube-proxy/kube-proxy-names.ts";
import { attach } from "../../support/pod/attachment.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, type World } from "../../support/traffic/traffic-world.ts";

/** The addresses of one family. */
export interface Addresses {
  readonly cluster: Cluster;
  readonly gateway: string;
  readonly c1: string;
  readonly c2: string;
  readonly c3: string;
  readonly node: string;
  readonly outside: string;
  readonly loopback: string;
  /** ClusterIPs of the Services with one and two endpoints, and of that over UDP. */
  readonly one: string;
  readonly two: string;
  readonly dns: string;
}

export const V4: Addresses = {
  cluster: { family: 4, podPrefix: "10.244.0.0/16", servicePrefix: "10.96.0.0/16", nodeAddress: NODE4 },
  gateway: "10.244.0.1",
  c1: "10.244.0.2",
  c2: "10.244.0.3",
  c3: "10.244.0.4",
  node: NODE4,
  outside: OUTSIDE4,
  loopback: "127.0.0.1",
  one: "10.96.0.11",
  two: "10.96.0.12",
  dns: "10.96.0.13",
};

export const V6: Addresses = {
  cluster: {
    family: 6,
    podPrefix: "fd00:10:244::/64",
    servicePrefix: "fd00:10:96::/112",
    nodeAddress: NODE6,
  },
  gateway: "fd00:10:244::1",
  c1: "fd00:10:244::2",
  c2: "fd00:10:244::3",
  c3: "fd00:10:244::4",
  node: NODE6,
  outside: OUTSIDE6,
  loopback: "::1",
  one: "fd00:10:96::b",
  two: "fd00:10:96::c",
  dns: "fd00:10:96::d",
};

export const NODE_PORT = { one: 30011, two: 30012, dns: 30013 } as const;
export const HOST_PORT = 8081;

/** Pods c1 and c2 answer at TCP 8080, c1 at UDP 5353 as well; c3 only asks. */
export function servicesOf(addresses: Addresses): Service[] {
  const { one, two, dns } = addresses;
  const c1 = { address: addresses.c1, port: 8080 };
  const http = { portName: "http", protocol: "tcp", port: 80 } as const;
  return [
    { ...http, name: "default/one", clusterIP: one, nodePort: NODE_PORT.one, endpoints: [c1] },
    {
      ...http,
      name: "default/two",
      clusterIP: two,
      nodePort: NODE_PORT.two,
      endpoints: [c1, { address: addresses.c2, port: 8080 }],
    },
    {
      name: "kube-system/dns",
      portName: "dns",
      protocol: "udp",
      clusterIP: dns,
      port: 53,
      nodePort: NODE_PORT.dns,
      endpoints: [{ address: addresses.c1, port: 5353 }],
    },
  ];
}

/** The entry of the configuration that podwire comes with, with masquerade. */
export function netconf(): object {
  const list = JSON.parse(readFileSync("conf/10-podwire.conflist", "utf8"));
  const [plugin] = list.plugins;
  return { ...plugin, name: list.name, cniVersion: "1.1.0", ipMasq: true };
}

export const PROGRAMS = ["podwire", "kube-proxy"] as const;
export type Program = (typeof PROGRAMS)[number];

export interface WorldOptions {
  readonly mode: Mode;
  /** Whether iptables sees frames that a bridge passes on. */
  readonly brNetfilter: boolean;
  /** Who writes its rules first. Of two chains with one priority on one hook, the kernel runs the later one first. */
  readonly first: Program;
  /** Put over {@link netconf}. */
  readonly conf?: object;
}

/** Three pods, the first with a host port; every Service in both families. */
export async function setUpServices(world: World, options: WorldOptions): Promise<void> {
  const { mode, brNetfilter, first, conf } = options;
  const { node } = world;
  node.sh(`ip route add default via ${OUTSIDE4}; ip -6 route add default via ${OUTSIDE6}
    for what in ip ip6; do echo ${brNetfilter ? 1 : 0} > /proc/sys/net/bridge/bridge-nf-call-\${what}tables; done`);
  if (first === "kube-proxy") syncAll(world, mode);
  const portMappings = [{ hostPort: HOST_PORT, containerPort: 8080, protocol: "tcp" }];
  for (const containerId of ["c1", "c2", "c3"]) {
    const runtimeConfig = containerId === "c1" ? { portMappings } : {};
    attach(node, { containerId, conf: { ...netconf(), ...conf, runtimeConfig } });
  }
  if (first === "podwire") syncAll(world, mode);
  await world.serve("c1", "tcp 8080", "udp 5353");
  await world.serve("c2", "tcp 8080");
  await world.serve("outside", "tcp 80");
}

/** kube-proxy's full sync of both families. */
export function syncAll({ node }: World, mode: Mode): void {
  for (const addresses of [V4, V6]) syncServices(node, mode, addresses.cluster, servicesOf(addresses));
}
