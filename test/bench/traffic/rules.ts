/**
 * The rules that the reference plugins write for pods with masquerade and one TCP host port, as input of
 * iptables-restore and of `nft -f`: made at once, because a thousand calls one by one take minutes.
 */

import { hash } from "node:crypto";
import type { Backend } from "./contestant.ts";
import { CONTAINER_PORT, NETWORKS, type Pod } from "./stages.ts";

export interface Attached {
  readonly pod: Pod;
  readonly address: string;
}

/** The command that replaces all rules by those of its standard input. */
export const LOADERS: Readonly<Record<Backend, readonly string[]>> = {
  iptables: ["iptables-restore"],
  nftables: ["nft", "-f", "-"],
};

export function rulesOf(backend: Backend, crowd: readonly Attached[]): string {
  return backend === "iptables" ? iptablesRules(crowd) : nftablesRules(crowd);
}

/** As bridge and portmap with the iptables backend write them. */
function iptablesRules(crowd: readonly Attached[]): string {
  const chains = crowd.flatMap(({ pod }) => [masqueradeChain(pod), hostPortChain(pod)]);
  const shared = ["CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-MASQ", "CNI-HOSTPORT-SETMARK"];
  return [
    "*nat",
    ...[...shared, ...chains].map((chain) => `:${chain} - [0:0]`),
    "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
    "-A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
    '-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ',
    "-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE",
    '-A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000',
    ...crowd.flatMap(masqueradeRules),
    ...crowd.flatMap(hostPortRules),
    "COMMIT",
    "",
  ].join("\n");
}

function masqueradeRules({ pod, address }: Attached): string[] {
  const chain = masqueradeChain(pod);
  const comment = `-m comment --comment "name: \\"${pod.network}\\" id: \\"${pod.id}\\""`;
  return [
    `-A ${chain} -d ${NETWORKS[pod.network]} ${comment} -j ACCEPT`,
    `-A ${chain} ! -d 224.0.0.0/4 ${comment} -j MASQUERADE`,
    `-A POSTROUTING -s ${address}/32 ${comment} -j ${chain}`,
  ];
}

function hostPortRules({ pod, address }: Attached): string[] {
  const chain = hostPortChain(pod);
  const comment = `-m comment --comment "dnat name: \\"${pod.network}\\" id: \\"${pod.id}\\""`;
  const port = `-p tcp -m tcp --dport ${pod.hostPort}`;
  return [
    `-A ${chain} -s ${NETWORKS[pod.network]} ${port} -j CNI-HOSTPORT-SETMARK`,
    `-A ${chain} -s 127.0.0.1/32 ${port} -j CNI-HOSTPORT-SETMARK`,
    `-A ${chain} ${port} -j DNAT --to-destination ${address}:${CONTAINER_PORT}`,
    `-A CNI-HOSTPORT-DNAT -p tcp ${comment} -m multiport --dports ${pod.hostPort} -j ${chain}`,
  ];
}

function masqueradeChain({ network, id }: Pod): string {
  return `CNI-${hash("sha512", network + id).slice(0, 24)}`;
}

function hostPortChain({ network, id }: Pod): string {
  return `CNI-DN-${hash("sha512", network + id).slice(0, 21)}`;
}

/** As bridge and portmap with the nftables backend write them. */
function nftablesRules(crowd: readonly Attached[]): string {
  const masquerades = crowd.map(({ pod, address }) => {
    const owner = `${hash("sha512", pod.network).slice(0, 16)}-${hash("sha512", `eth0:${pod.id}`).slice(0, 16)}`;
    const comment = `"${owner}, net: ${pod.network}, if: eth0, id: ${pod.id}"`;
    return `ip saddr ${address} ip daddr != ${NETWORKS[pod.network]} masquerade comment ${comment}`;
  });
  const hostPorts = crowd.map(
    ({ pod, address }) =>
      `tcp dport ${pod.hostPort} dnat to ${address}:${CONTAINER_PORT} comment "${pod.id}"`,
  );
  const hairpins = crowd.flatMap(({ pod, address }) =>
    [address, "127.0.0.1"].map(
      (source) => `ip saddr ${source} ip daddr ${address} masquerade comment "${pod.id}"`,
    ),
  );
  return NFTABLES.replace("MASQUERADES", masquerades.join("\n"))
    .replace("HOSTPORTS", hostPorts.join("\n"))
    .replace("HAIRPINS", hairpins.join("\n"));
}

const NFTABLES = `
flush ruleset
table inet cni_plugins_masquerade {
  comment "Masquerading for plugins from github.com/containernetworking/plugins"
  chain masq_checks {
    comment "Masquerade traffic from certain IPs to any (non-multicast) IP outside their subnet"
MASQUERADES
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    ip daddr 224.0.0.0/4 return
    ip6 daddr ff00::/8 return
    goto masq_checks
  }
}
table ip cni_hostport {
  comment "CNI portmap plugin"
  chain hostports {
HOSTPORTS
  }
  chain hostip_hostports { }
  chain hostports_all {
    jump hostip_hostports
    jump hostports
  }
  chain prerouting {
    type nat hook prerouting priority dstnat
    fib daddr type local jump hostports_all
  }
  chain output {
    type nat hook output priority -100
    fib daddr type local jump hostports_all
  }
  chain masquerading {
    type nat hook postrouting priority srcnat
HAIRPINS
  }
}
`;
