/** The floor: the same kernel state made by `ip -batch` and removed by `ip link del`, under the same caller. */

import type { Cost } from "../support/measure/caller.ts";
import { together } from "./cost.ts";
import type { Network } from "./network.ts";
import type { Site } from "./site.ts";

const IP = "/usr/sbin/ip";
const VETH = "veth0";

export const FLOOR = "floor: ip";

/** Makes the network's bridge, which ADD finds in place. */
export function prepareFloor({ node }: Site, { bridge, gateways, addresses }: Network): void {
  node.sh(`ip link add ${bridge} type bridge && ip link set ${bridge} up`);
  for (const [i, gateway] of gateways.entries()) {
    const prefixLength = addresses[i]?.split("/")[1];
    node.sh(`ip ${addressAdd(`${gateway}/${prefixLength}`, bridge)}`);
  }
}

export async function floorAdd({ caller }: Site, network: Network, pod: string): Promise<Cost> {
  const host = [
    `link add ${VETH} type veth peer name eth0 netns ${pod}`,
    `link set ${VETH} master ${network.bridge} up`,
  ];
  const container = [
    "link set eth0 up",
    ...network.addresses.map((address) => addressAdd(address, "eth0")),
    ...network.gateways.map((gateway) => `route add default via ${gateway}`),
  ];
  const first = succeeded(await caller.run({ argv: [IP, "-batch", "-"], input: lines(host) }));
  const inPod = [IP, "-n", pod, "-batch", "-"];
  const second = succeeded(await caller.run({ argv: inPod, input: lines(container) }));
  return together([first, second], first.wallMs + second.wallMs);
}

export async function floorDel({ caller }: Site): Promise<Cost> {
  return succeeded(await caller.run({ argv: [IP, "link", "del", VETH] }));
}

/** Like podwire, without waiting for duplicate address detection, which IPv4 does not have. */
function addressAdd(address: string, ifname: string): string {
  return `address add ${address} dev ${ifname}${address.includes(":") ? " nodad" : ""}`;
}

function succeeded(cost: Cost): Cost {
  if (cost.exitCode !== 0) throw new Error(`ip: exit ${cost.exitCode}: ${cost.stdout}`);
  return cost;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
