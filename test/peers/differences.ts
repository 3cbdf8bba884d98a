/** Every intended difference between podwire and the reference plugins, and why it is one. */

export interface Difference {
  readonly id: string;
  /** Matches the whole line `PATH: REFERENCE → PODWIRE` of a fact that differs. */
  readonly where: RegExp;
  readonly why: string;
  /** Follows from no field, so cases need not name it. */
  readonly everywhere?: true;
  /** Follows from the bridge being a gateway. */
  readonly ofGateways?: true;
  /** Debian's reference plugins alone, version 1.1.1; the newest do as podwire does. */
  readonly generation?: "debian";
}

/** Facts of the kernel stand twice: with the pods attached, and as `left.…` after the last DEL. */
export const DIFFERENCES = [
  {
    id: "alias",
    where: /^(left\.)?\w+\.link\[.*\]\.ifalias: absent → podwire /,
    why: "every link that podwire makes names its attachment, so that DEL and GC remove only its own",
    everywhere: true,
  },
  {
    id: "boot-marker",
    where: /^(left\.)?file\[.*\/boot_id\]: absent → "[0-9a-f-]{36}"$/,
    why: "tells the first ADD after a boot that it is the first, so that addresses of dead pods are freed",
    everywhere: true,
  },
  {
    id: "bridge-mac",
    where:
      /^(node\.link\[.*\]\.address|result\[\d\]\.interfaces\[[01]\]\.mac): <mac of (?!pod).*> → <mac of (?!pod).*>$/,
    why: "the bridge has a MAC of its own from its creation; the reference's borrows that of its lowest port",
    everywhere: true,
  },
  {
    id: "bridge-mac-left",
    where: /^left\.node\.link\[.*\]\.address: 00:00:00:00:00:00 → <mac of .*>$/,
    why: "a bridge that has lost all its ports keeps its MAC; the reference's gets another with the next gateway, or before 1.10.0 fails that ADD",
    everywhere: true,
  },
  {
    id: "queue-length",
    where: /^node\.link\[<host end of .*>\]\.txqlen: absent → 1000$/,
    why: "the kernel's default; the reference sets 0, with which a queueing discipline added later has room for one packet",
    everywhere: true,
  },
  {
    id: "ra-guard",
    where: /^node\.link\[<host end of .*>\]\.group: default → 28791$/,
    why: "one rule knows the ports whose router advertisements are dropped by their group",
    ofGateways: true,
  },
  {
    id: "ipv6-untouched",
    where: /^\w+\.sysctl\[ipv6\/conf\/.*\/accept_dad\]: 0 → 1$/,
    why: "IPv6 settings of a pod without an IPv6 address are not podwire's to change",
    everywhere: true,
  },
  {
    id: "no-detection",
    where: /^(left\.)?\w+\.address\[.* [0-9a-f:]+\/\d+\]\.nodad: absent → true$/,
    why: "the address is usable at once, whatever accept_dad of the interface says; enabledad turns detection on",
    everywhere: true,
  },
  {
    id: "port-without-link-local",
    where: /^node\.link\[<host end of .*>\]\.inet6_addr_gen_mode: eui64 → none$/,
    why: "a bridge port has no use for a link-local address; detecting it sends frames, and its end delays DEL",
    everywhere: true,
  },
  {
    id: "no-snooping",
    where: /^(left\.)?node\.link\[.*\]\.linkinfo\.info_data\.mcast_snooping: 1 → 0$/,
    why: "without a router that asks for groups it changes no frame's way, and it sets timers for every port of the bridge whenever one comes or goes",
    everywhere: true,
  },
  {
    id: "port-without-carrier",
    where: /^node\.link\[<host end of .*>\]\.operstate: DOWN → LOWERLAYERDOWN$/,
    why: "the state of an end whose other end stays down; of one that went up first the kernel remembers an older one",
  },
  {
    id: "result-mtu",
    where: /^result\[\d\]\.interfaces\[\d\]\.mtu: absent → \d+$/,
    why: "version 1.1.0 has the MTU in results; the reference leaves it out",
    everywhere: true,
  },
  {
    id: "mtu-of-default-route",
    where: /^\w+\.link\[.*\]\.mtu: 1500 → 1450$/,
    why: "without a configured MTU, that of the interface which leads out of the node fits; the reference takes 1500",
  },
  {
    id: "network-address",
    where: /10\.1\.0\.[02]/,
    why: "network and broadcast address are given out only where they are asked for by name",
  },
  {
    id: "route-metrics",
    where: /^pod1\.route\[192\.168\.0\.0\/16 .*\]\.metrics\[0\]\.(mtu: absent → 1400|advmss: absent → 1360)$/,
    why: "mtu and advmss of a route are applied; the reference passes them to the result alone",
  },
  {
    id: "old-queue-length",
    where: /^pod\d\.link\[.*\]\.txqlen: absent → 1000$/,
    why: "as on the host: the kernel's default",
    everywhere: true,
    generation: "debian",
  },
  {
    id: "old-empty-dns",
    where: /^result\[\d\]\.dns: \{\} → absent$/,
    why: "results from 1.0.0 on leave out what is empty",
    everywhere: true,
    generation: "debian",
  },
  {
    id: "old-keep-addresses",
    where: /^pod\d\.sysctl\[ipv6\/conf\/\w+\/keep_addr_on_down\]: 0 → 1$/,
    why: "IPv6 addresses stay when the pod sets its interface down and up again",
    everywhere: true,
    generation: "debian",
  },
  {
    id: "old-resolv-conf",
    where: /^result\[0\]\.dns\..*: absent → /,
    why: "resolver settings of the address plugin stand where the configuration has none",
    generation: "debian",
  },
  {
    id: "old-check-layer-2",
    where: /^check\[0\]: exit 1 → exit 0$/,
    why: "an attachment without addresses passes CHECK; before 1.10.0 the reference looks for an address plugin and fails",
    generation: "debian",
  },
  {
    id: "old-check-route",
    where: /^check\[0\]: exit 1 → exit 0$/,
    why: "a route that ADD completed with the gateway passes CHECK",
    generation: "debian",
  },
] as const satisfies readonly Difference[];

export type DifferenceId = (typeof DIFFERENCES)[number]["id"];
