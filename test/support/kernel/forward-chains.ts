/** Other programs' chains that drop forwarded packets, as Docker leaves them, and what iptables-nft shows of them. */

import type { Node } from "../node/node.ts";

/** Policy drop in both families, with chains and rules of Docker's in front of what we add. */
export function dropForwarded(node: Node): void {
  for (const program of ["iptables-nft", "ip6tables-nft"]) {
    node.sh(`${program} -P FORWARD DROP
      ${program} -N DOCKER-USER
      ${program} -A DOCKER-USER -j RETURN
      ${program} -A FORWARD -j DOCKER-USER
      ${program} -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      ${program} -A FORWARD -i docker0 ! -o docker0 -j ACCEPT`);
  }
}

/** What `dropForwarded` made, as iptables-nft lists it. */
export const DOCKERS_RULES = [
  "-P INPUT ACCEPT",
  "-P FORWARD DROP",
  "-P OUTPUT ACCEPT",
  "-N DOCKER-USER",
  "-A FORWARD -j DOCKER-USER",
  "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
  "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT",
  "-A DOCKER-USER -j RETURN",
];

/** `iptables-nft -S` of both families, line by line. */
export function filterRulesOf(node: Node): { ip: string[]; ip6: string[] } {
  const list = (program: string) => node.sh(`${program} -S`).trimEnd().split("\n");
  return { ip: list("iptables-nft"), ip6: list("ip6tables-nft") };
}

/** The rules about a bridge in both families' FORWARD chains: `-i cni0`, `-o cni0`. */
export function acceptingRulesOf(node: Node, bridge = "cni0"): string[] {
  const { ip, ip6 } = filterRulesOf(node);
  const about = new RegExp(`^-A FORWARD (-[io] ${bridge}) .*-j ACCEPT$`);
  return [...ip, ...ip6].flatMap((line) => about.exec(line)?.[1] ?? []).toSorted();
}

/** One rule for each direction and family. */
export const ONCE = (bridge = "cni0") => [`-i ${bridge}`, `-i ${bridge}`, `-o ${bridge}`, `-o ${bridge}`];
