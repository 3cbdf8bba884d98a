/** What `ip -j -d` and /proc say of a node and its pods, as facts without indexes and random names. */

import type { Node } from "../node/node.ts";
import { type Entry, type Fact, type Facts, flatten, isList, type Roles, rename } from "./facts.ts";

/** One interface of one pod. */
export interface AttachedPod {
  /** Name of the namespace below /run/netns. */
  readonly pod: string;
  readonly ifname: string;
}

interface Namespace {
  readonly name: string;
  readonly links: readonly Entry[];
  readonly addresses: readonly Entry[];
  readonly routes: readonly Entry[];
}

/** Indexes, timers and identifiers that follow from others or from the moment. */
const VOLATILE =
  /^(ifindex|ifname|link_index|link_netnsid|.*_timer|.*_id|id|designated_.*|no|root_.*|expires)$/;

const QUERIES = ["link", "address", "-4 route show table all", "-6 route show table all"];

/** Names first, then MAC addresses; those of them that `fixed`, the text of all configurations, has stay. */
export function observeKernel(node: Node, attached: readonly AttachedPod[], fixed: string) {
  settle(node);
  const own = readNamespace(node, "node", "ip");
  const pods = [...new Set(attached.map(({ pod }) => pod))];
  const others = pods.map((pod) => readNamespace(node, pod, `ip -n ${pod}`));
  const roles = findRoles(own, others, attached, fixed);
  const facts = [own, ...others].flatMap((namespace) => [
    ...namespace.links.flatMap((link) => entryFacts(`${namespace.name}.link[${String(link.ifname)}]`, link)),
    ...namespace.addresses.flatMap((link) => addressFacts(namespace.name, link)),
    ...namespace.routes.flatMap((route) => routeFacts(namespace.name, route)),
  ]);
  const renamed = [...facts, ...sysctlFacts(node, attached)].map(
    ([path, value]) => [rename(path, roles), rename(value, roles)] as const,
  );
  return { roles, facts: new Map(renamed) as Facts };
}

/** A look-up of one link completes its pending carrier change: ports first, then the bridges above them. */
function settle(node: Node): void {
  const names = (kind: string) => `$(ip -o link show type ${kind} | sed 's/^[0-9]*: //; s/[@:].*//')`;
  node.sh(`for link in ${names("veth")} ${names("bridge")}; do ip link show dev $link; done`);
}

function readNamespace(node: Node, name: string, ip: string): Namespace {
  const script = QUERIES.map((query) => `${ip} -j -d ${query}; echo @`).join("\n");
  const [links = [], addresses = [], v4 = [], v6 = []] = node
    .sh(script)
    .split("@\n")
    .map((text): Entry[] => (text.trim() === "" ? [] : JSON.parse(text)));
  return { name, links, addresses, routes: [...v4, ...v6] };
}

function findRoles(
  node: Namespace,
  pods: readonly Namespace[],
  attached: readonly AttachedPod[],
  fixed: string,
): Roles {
  const roles = new Map<string, string>();
  const addMac = (link: Entry | undefined, role: string) => {
    const mac = String(link?.address);
    if (link !== undefined && !/^[0:]*$/.test(mac) && !roles.has(mac) && !fixed.includes(mac)) {
      roles.set(mac, `<mac of ${role}>`);
    }
  };
  for (const link of node.links.filter(({ link_index }) => link_index === undefined)) {
    addMac(link, String(link.ifname));
  }
  for (const { pod, ifname } of attached) {
    const inside = pods.find(({ name }) => name === pod)?.links.find((link) => link.ifname === ifname);
    const hostEnd = node.links.find((link) => inside !== undefined && link.ifindex === inside.link_index);
    if (hostEnd !== undefined) roles.set(String(hostEnd.ifname), `<host end of ${pod}/${ifname}>`);
    addMac(hostEnd, `host end of ${pod}/${ifname}`);
    addMac(inside, `${pod}/${ifname}`);
  }
  return roles;
}

/** The settings of an entry, flags and the like as one sorted text. */
function entryFacts(path: string, entry: Entry): Fact[] {
  return Object.entries(entry)
    .filter(([key]) => !VOLATILE.test(key))
    .flatMap(([key, value]): Fact[] => {
      if (isList(value) && value.every((item) => typeof item === "string")) {
        return [[`${path}.${key}`, value.toSorted().join(" ")]];
      }
      if (typeof value !== "object" || value === null || isList(value))
        return flatten(`${path}.${key}`, value);
      return entryFacts(`${path}.${key}`, value as Entry);
    });
}

/** Link-local addresses come and go with carriers, by the kernel's own doing. */
function addressFacts(namespace: string, link: Entry): Fact[] {
  const infos = isList(link.addr_info ?? null) ? (link.addr_info as Entry[]) : [];
  const own = infos.filter(({ local }) => local !== undefined && !String(local).startsWith("fe80:"));
  return own.flatMap(({ local, prefixlen, tentative: _, ...rest }) => {
    const path = `${namespace}.address[${String(link.ifname)} ${String(local)}/${String(prefixlen)}]`;
    return [[path, "present"] as const, ...entryFacts(path, rest)];
  });
}

/** The tables "local" and "multicast" and link-local routes follow from the addresses. */
function routeFacts(namespace: string, route: Entry): Fact[] {
  const { type, dst, gateway, dev, table = "main", metric = 0, flags: _, ...rest } = route; // flags: carrier
  if (type !== "unicast" || /^(fe80|ff00):/.test(String(dst)) || table === "local") return [];
  const via = gateway === undefined ? "" : ` via ${String(gateway)}`;
  const path = `${namespace}.route[${String(dst)}${via} dev ${String(dev)} metric ${String(metric)} table ${String(table)}]`;
  return [[path, "present"] as const, ...entryFacts(path, rest)];
}

/** Kernel parameters that a bridge attachment touches. */
function sysctlFacts(node: Node, attached: readonly AttachedPod[]): Fact[] {
  const own = ["ipv4/ip_forward", "ipv6/conf/all/forwarding"].map((key) => ["node", key, ""] as const);
  const inside = attached.flatMap(({ pod, ifname }) => [
    [pod, `ipv4/conf/${ifname}/arp_notify`, `ip netns exec ${pod}`] as const,
    ...["disable_ipv6", "accept_dad", "keep_addr_on_down", "enhanced_dad"].map(
      (name) => [pod, `ipv6/conf/${ifname}/${name}`, `ip netns exec ${pod}`] as const,
    ),
  ]);
  const keys = [...own, ...inside];
  const values = node
    .sh(keys.map(([, key, wrapper]) => `${wrapper} cat /proc/sys/net/${key} 2>&1 || true`).join("\n"))
    .split("\n");
  return keys.map(([where, key], index) => [`${where}.sysctl[${key}]`, values[index] ?? ""]);
}
