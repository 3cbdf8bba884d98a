/** Pods that are there while others come and go. */

import { setTimeout } from "node:timers/promises";
import { LOADERS, rulesOf } from "./rules.ts";
import type { TrafficSite } from "./site.ts";
import type { Pod } from "./stages.ts";

/** So many that with those that come and go the bridge stays below its 1023 ports. */
const ON_FIRST_NETWORK = 900;
const AT_ONCE = 10;

export const HOW_CROWDS_ARE_MADE =
  "the pods that are present: podwire's by ADDs of the whole chain; the reference's by ADDs of bridge, their rules " +
  "by one iptables-restore or nft -f of what bridge and portmap write; the first 900 on one bridge";

/** One pod of the crowd, each with a host port of its own. */
export function crowdPod(index: number): Pod {
  const network = index < ON_FIRST_NETWORK ? "traffic" : "traffic2";
  return { id: `crowd${index}`, network, hostPort: 10_000 + index, isShaped: false };
}

/** Fills `site` from `present` pods up to `crowd`. */
export async function growCrowd(site: TrafficSite, present: number, crowd: number): Promise<void> {
  const pods = Array.from({ length: crowd }, (_, i) => crowdPod(i));
  const added = pods.slice(present);
  addNamespaces(site, added);
  for (let i = 0; i < added.length; i += AT_ONCE) await site.addCrowd(added.slice(i, i + AT_ONCE));
  const { backend } = site.contestant;
  if (backend === undefined) return;
  const input = rulesOf(
    backend,
    pods.map((pod) => ({ pod, address: site.addressOf(pod) })),
  );
  const { exitCode, stderr } = site.node.run(LOADERS[backend], { input });
  if (exitCode !== 0) throw new Error(`${LOADERS[backend].join(" ")}: exit ${exitCode}: ${stderr}`);
}

/**
 * Waits until a bridge receives nothing for a second: each new pod looks for IPv6 routers and announces its groups for
 * some ten seconds, and all the others hear it.
 * @throws where that takes longer than a minute
 */
export async function becomeQuiet({ node }: TrafficSite): Promise<void> {
  const count = () => node.sh("cat /sys/class/net/traffic*/statistics/rx_packets");
  const before = Date.now();
  let seen = "";
  for (let now = count(); now !== seen; now = count()) {
    if (Date.now() - before > 60_000) throw new Error("the pods of a crowd do not become quiet");
    seen = now;
    await setTimeout(1000);
  }
}

export function addNamespaces({ node }: TrafficSite, pods: readonly Pod[]): void {
  node.sh(`for pod in ${pods.map(({ id }) => id).join(" ")}; do ip netns add $pod; done`);
}
