/** What kube-proxy's nftables mode writes: one transaction over a table of its own in each family. */

import {
  type Cluster,
  type Endpoint,
  endpointText,
  MASQUERADE_MARK,
  nftablesChain,
  nftablesEndpointChain,
  type Service,
} from "./kube-proxy-names.ts";

/** [chain, type, hook, priority]; filters look at destinations as they were before DNAT, but for the last. */
const BASE_CHAINS = [
  ["filter-prerouting", "filter", "prerouting", -110],
  ["filter-input", "filter", "input", -110],
  ["filter-forward", "filter", "forward", -110],
  ["filter-output", "filter", "output", -110],
  ["filter-output-post-dnat", "filter", "output", -90],
  ["nat-prerouting", "nat", "prerouting", -100],
  ["nat-output", "nat", "output", -100],
  ["nat-postrouting", "nat", "postrouting", 100],
] as const;

const JUMPS = [
  ["filter-input", "ct state new jump nodeport-endpoints-check"],
  ["filter-input", "ct state new jump service-endpoints-check"],
  ["filter-forward", "ct state new jump service-endpoints-check"],
  ["filter-output", "ct state new jump service-endpoints-check"],
  ["filter-prerouting", "ct state new jump firewall-check"],
  ["filter-output", "ct state new jump firewall-check"],
  ["nat-output", "jump services"],
  ["nat-prerouting", "jump services"],
  ["nat-postrouting", "jump masquerading"],
  ["filter-forward", "ct state new jump cluster-ips-check"],
  ["filter-output-post-dnat", "ct state new jump cluster-ips-check"],
] as const;

const CHAINS = [
  "nodeport-endpoints-check",
  "service-endpoints-check",
  "firewall-check",
  "services",
  "masquerading",
  "cluster-ips-check",
  "mark-for-masquerade",
  "reject-chain",
];

const MARKING = [
  ["mark-for-masquerade", `mark set mark or ${MASQUERADE_MARK}`],
  ["masquerading", `mark and ${MASQUERADE_MARK} == 0 return`],
  ["masquerading", `mark set mark xor ${MASQUERADE_MARK}`],
  ["masquerading", "masquerade fully-random"],
  ["reject-chain", "reject"],
] as const;

const VERDICT_MAPS = [
  "no-endpoint-services",
  "no-endpoint-nodeports",
  "firewall-ips",
  "service-ips",
  "service-nodeports",
];

/** Input of `nft -f`: a full sync, as the first after kube-proxy's start, which makes its base chains anew. */
export function syncInput(cluster: Cluster, services: readonly Service[]): string {
  const lines = [
    ...baseStatements(cluster),
    ...services.flatMap((service) => statementsOf(cluster, service)),
  ];
  const table = `${cluster.family === 4 ? "ip" : "ip6"} kube-proxy`;
  return lines.map((line) => `${line.replace("TABLE", table)}\n`).join("");
}

function baseStatements(cluster: Cluster): string[] {
  return [
    'add table TABLE { comment "rules for kube-proxy" ; }',
    ...BASE_CHAINS.flatMap(([name]) => [`add chain TABLE ${name}`, `delete chain TABLE ${name}`]),
    ...BASE_CHAINS.flatMap(([name, type, hook, priority]) => [
      `add chain TABLE ${name} { type ${type} hook ${hook} priority ${priority} ; }`,
      `flush chain TABLE ${name}`,
    ]),
    ...CHAINS.flatMap(emptyChain),
    ...[...JUMPS, ...MARKING].map(([chain, rule]) => addRule(chain, rule)),
    ...setStatements(cluster),
    ...dispatchRules(cluster).map(([chain, rule]) => addRule(chain, rule)),
    ...["set TABLE cluster-ips", ...VERDICT_MAPS.map((map) => `map TABLE ${map}`)].map(
      (set) => `flush ${set}`,
    ),
  ];
}

function setStatements({ family, nodeAddress }: Cluster): string[] {
  const address = family === 4 ? "ipv4_addr" : "ipv6_addr";
  const byPort = "inet_proto . inet_service : verdict";
  const mapTypes = VERDICT_MAPS.map((map) => (map.endsWith("nodeports") ? byPort : `${address} . ${byPort}`));
  return [
    `add set TABLE cluster-ips { type ${address} ; comment "Active ClusterIPs" ; }`,
    `add set TABLE nodeport-ips { type ${address} ; comment "IPs that accept NodePort traffic" ; }`,
    "flush set TABLE nodeport-ips",
    `add element TABLE nodeport-ips { ${nodeAddress} }`,
    ...VERDICT_MAPS.map((map, index) => `add map TABLE ${map} { type ${mapTypes[index]} ; }`),
  ];
}

function dispatchRules({ family, servicePrefix }: Cluster): [chain: string, rule: string][] {
  const ip = family === 4 ? "ip" : "ip6";
  const ofService = `${ip} daddr . meta l4proto . th dport vmap`;
  const ofNodePort = `${ip} daddr @nodeport-ips meta l4proto . th dport vmap`;
  return [
    [
      "cluster-ips-check",
      `${ip} daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"`,
    ],
    [
      "cluster-ips-check",
      `${ip} daddr { ${servicePrefix} } drop comment "Drop traffic to unallocated ClusterIPs"`,
    ],
    ["service-endpoints-check", `${ofService} @no-endpoint-services`],
    ["nodeport-endpoints-check", `${ofNodePort} @no-endpoint-nodeports`],
    ["firewall-check", `${ofService} @firewall-ips`],
    ["services", `${ofService} @service-ips`],
    ["services", `${ofNodePort} @service-nodeports`],
  ];
}

function statementsOf(cluster: Cluster, service: Service): string[] {
  const ip = cluster.family === 4 ? "ip" : "ip6";
  const { protocol, clusterIP, port, nodePort, endpoints } = service;
  const chain = nftablesChain("service", service);
  const targets = endpoints.map(
    (endpoint, index) => `${index} : goto ${nftablesEndpointChain(service, endpoint)}`,
  );
  return [
    ...endpoints.flatMap((endpoint) => emptyChain(nftablesEndpointChain(service, endpoint))),
    ...emptyChain(chain),
    `add element TABLE cluster-ips { ${clusterIP} }`,
    `add element TABLE service-ips { ${clusterIP} . ${protocol} . ${port} : goto ${chain} }`,
    ...(nodePort === undefined ? [] : nodePortStatements(service, nodePort)),
    addRule(chain, `${ip} daddr ${clusterIP} ${ip} saddr != ${cluster.podPrefix} jump mark-for-masquerade`),
    addRule(chain, `numgen random mod ${endpoints.length} vmap { ${targets.join(" , ")} }`),
    ...endpoints.flatMap((endpoint) => endpointRules(ip, service, endpoint)),
  ];
}

function nodePortStatements(service: Service, nodePort: number): string[] {
  const external = nftablesChain("external", service);
  return [
    ...emptyChain(external),
    `add element TABLE service-nodeports { ${service.protocol} . ${nodePort} : goto ${external} }`,
    addRule(external, "jump mark-for-masquerade"),
    addRule(external, `goto ${nftablesChain("service", service)}`),
  ];
}

function endpointRules(ip: string, service: Service, endpoint: Endpoint): string[] {
  const chain = nftablesEndpointChain(service, endpoint);
  return [
    addRule(chain, `${ip} saddr ${endpoint.address} jump mark-for-masquerade`),
    addRule(chain, `meta l4proto ${service.protocol} dnat to ${endpointText(endpoint)}`),
  ];
}

function emptyChain(name: string): string[] {
  return [`add chain TABLE ${name}`, `flush chain TABLE ${name}`];
}

function addRule(chain: string, rule: string): string {
  return `add rule TABLE ${chain} ${rule}`;
}
