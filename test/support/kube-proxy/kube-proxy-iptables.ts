/** What kube-proxy's iptables mode writes: jumps from the built-in chains, and input of iptables-restore. */

import {
  type Cluster,
  type Endpoint,
  endpointText,
  iptablesChain,
  iptablesEndpointChain,
  MASQUERADE_MARK,
  type Service,
  titleOf,
} from "./kube-proxy-names.ts";

const NEW = "-m conntrack --ctstate NEW";

/** [table, built-in chain, rule], each put before all other rules of its chain, in this order. */
const JUMPS = [
  [
    "filter",
    "INPUT",
    `${NEW} ${comment("kubernetes externally-visible service portals")} -j KUBE-EXTERNAL-SERVICES`,
  ],
  [
    "filter",
    "FORWARD",
    `${NEW} ${comment("kubernetes externally-visible service portals")} -j KUBE-EXTERNAL-SERVICES`,
  ],
  ["filter", "INPUT", `${comment("kubernetes health check service ports")} -j KUBE-NODEPORTS`],
  ["filter", "FORWARD", `${NEW} ${comment("kubernetes service portals")} -j KUBE-SERVICES`],
  ["filter", "OUTPUT", `${NEW} ${comment("kubernetes service portals")} -j KUBE-SERVICES`],
  ["filter", "FORWARD", `${comment("kubernetes forwarding rules")} -j KUBE-FORWARD`],
  ["filter", "INPUT", `${NEW} ${comment("kubernetes load balancer firewall")} -j KUBE-PROXY-FIREWALL`],
  ["filter", "OUTPUT", `${NEW} ${comment("kubernetes load balancer firewall")} -j KUBE-PROXY-FIREWALL`],
  ["filter", "FORWARD", `${NEW} ${comment("kubernetes load balancer firewall")} -j KUBE-PROXY-FIREWALL`],
  ["nat", "OUTPUT", `${comment("kubernetes service portals")} -j KUBE-SERVICES`],
  ["nat", "PREROUTING", `${comment("kubernetes service portals")} -j KUBE-SERVICES`],
  ["nat", "POSTROUTING", `${comment("kubernetes postrouting rules")} -j KUBE-POSTROUTING`],
  ["filter", "INPUT", "-j KUBE-FIREWALL"],
  ["filter", "OUTPUT", "-j KUBE-FIREWALL"],
] as const;

/** Shell commands that make the chains and put each jump where it is missing. */
export function jumpCommands({ family }: Cluster): string {
  const program = family === 4 ? "iptables-nft" : "ip6tables-nft";
  return JUMPS.map(([table, chain, rule]) => {
    const target = rule.slice(rule.indexOf("-j ") + 3);
    const make = `${program} -w 5 -t ${table} -N ${target} 2>/dev/null || true`;
    const isThere = `${program} -w 5 -C ${chain} -t ${table} ${rule} 2>/dev/null`;
    return `${make}; ${isThere} || ${program} -w 5 -I ${chain} -t ${table} ${rule}`;
  }).join("\n");
}

/** Input of `iptables-restore --noflush`: both tables, every chain emptied and filled. */
export function restoreInput(cluster: Cluster, services: readonly Service[]): string {
  const filterChains = ["SERVICES", "EXTERNAL-SERVICES", "FORWARD", "NODEPORTS", "PROXY-FIREWALL"];
  const firewall = cluster.family === 4 ? FIREWALL : [];
  const serviceChains = services.flatMap(chainsOf);
  const natChains = ["SERVICES", "NODEPORTS", "POSTROUTING", "MARK-MASQ"].map((name) => `KUBE-${name}`);
  const lines = [
    "*filter",
    ...filterChains.map((name) => chainLine(`KUBE-${name}`)),
    ...(firewall.length > 0 ? [chainLine("KUBE-FIREWALL"), ...firewall] : []),
    ...FORWARDING,
    "COMMIT",
    "*nat",
    ...[...natChains, ...serviceChains].map(chainLine),
    ...MASQUERADING,
    ...services.flatMap((service) => rulesOf(cluster, service)),
    nodePortsRule(cluster),
    "COMMIT",
  ];
  return `${lines.join("\n")}\n`;
}

/** Guards what route_localnet, set for NodePorts on 127.0.0.1, would open. */
const FIREWALL = [
  `-A KUBE-FIREWALL ${comment("block incoming localnet connections")} -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
];

const FORWARDING = [
  "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP",
  `-A KUBE-FORWARD ${comment("kubernetes forwarding rules")} -m mark --mark ${MASQUERADE_MARK}/${MASQUERADE_MARK} -j ACCEPT`,
  `-A KUBE-FORWARD ${comment("kubernetes forwarding conntrack rule")} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
];

const MASQUERADING = [
  `-A KUBE-POSTROUTING -m mark ! --mark ${MASQUERADE_MARK}/${MASQUERADE_MARK} -j RETURN`,
  `-A KUBE-POSTROUTING -j MARK --xor-mark ${MASQUERADE_MARK}`,
  `-A KUBE-POSTROUTING ${comment("kubernetes service traffic requiring SNAT")} -j MASQUERADE --random-fully`,
  `-A KUBE-MARK-MASQ -j MARK --or-mark ${MASQUERADE_MARK}`,
];

function rulesOf(cluster: Cluster, service: Service): string[] {
  const { protocol, clusterIP, port, endpoints } = service;
  const svc = iptablesChain("SVC", service);
  const toClusterIP = `${comment(`${titleOf(service)} cluster IP`)} -m ${protocol} -p ${protocol} -d ${clusterIP} --dport ${port}`;
  return [
    `-A KUBE-SERVICES ${toClusterIP} -j ${svc}`,
    `-A ${svc} ${toClusterIP} ! -s ${cluster.podPrefix} -j KUBE-MARK-MASQ`,
    ...externalRules(service),
    ...endpoints.map((endpoint, index) => balancingRule(service, endpoint, endpoints.length - index)),
    ...endpoints.flatMap((endpoint) => endpointRules(service, endpoint)),
  ];
}

function externalRules(service: Service): string[] {
  const { protocol, nodePort } = service;
  if (nodePort === undefined) return [];
  const ext = iptablesChain("EXT", service);
  const why = `masquerade traffic for ${titleOf(service)} external destinations`;
  return [
    `-A KUBE-NODEPORTS ${comment(titleOf(service))} -m ${protocol} -p ${protocol} --dport ${nodePort} -j ${ext}`,
    `-A ${ext} ${comment(why)} -j KUBE-MARK-MASQ`,
    `-A ${ext} -j ${iptablesChain("SVC", service)}`,
  ];
}

/** `left`: endpoints from this one on; the last takes all that the others let pass. */
function balancingRule(service: Service, endpoint: Endpoint, left: number): string {
  const chance = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : "";
  const why = comment(`${titleOf(service)} -> ${endpointText(endpoint)}`);
  return `-A ${iptablesChain("SVC", service)} ${why}${chance} -j ${iptablesEndpointChain(service, endpoint)}`;
}

function endpointRules(service: Service, endpoint: Endpoint): string[] {
  const rule = `-A ${iptablesEndpointChain(service, endpoint)} ${comment(titleOf(service))}`;
  const { protocol } = service;
  return [
    `${rule} -s ${endpoint.address} -j KUBE-MARK-MASQ`,
    `${rule} -m ${protocol} -p ${protocol} -j DNAT --to-destination ${endpointText(endpoint)}`,
  ];
}

/** NodePorts on ::1 never work; on 127.0.0.1 they do by route_localnet. */
function nodePortsRule({ family }: Cluster): string {
  const why = comment("kubernetes service nodeports; NOTE: this must be the last rule in this chain");
  const except = family === 6 ? " ! -d ::1/128" : "";
  return `-A KUBE-SERVICES ${why} -m addrtype --dst-type LOCAL${except} -j KUBE-NODEPORTS`;
}

function chainsOf(service: Service): string[] {
  const external = service.nodePort === undefined ? [] : [iptablesChain("EXT", service)];
  const endpoints = service.endpoints.map((endpoint) => iptablesEndpointChain(service, endpoint));
  return [iptablesChain("SVC", service), ...external, ...endpoints];
}

function chainLine(chain: string): string {
  return `:${chain} - [0:0]`;
}

function comment(text: string): string {
  return `-m comment --comment "${text}"`;
}
