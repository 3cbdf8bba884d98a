/** What the kernel and the disk of a node hold, asked with iproute2 and cat: never with our own decoders. */

import type { Node } from "../node/node.ts";

// biome-ignore lint/suspicious/noExplicitAny: documents of iproute2, looked into by tests
type Document = any;

/** One interface as `ip -j -d link` prints it; undefined where there is none. `pod`: in that namespace. */
export function linkOf(node: Node, ifname: string, pod?: string): Document | undefined {
  return links(node, pod).find((link: Document) => link.ifname === ifname);
}

export function links(node: Node, pod?: string): Document[] {
  return node.json(`ip ${inside(pod)} -j -d link`);
}

/** Prefixes of global scope on an interface, as `10.1.0.2/16`. */
export function prefixesOf(node: Node, ifname: string, pod?: string): string[] {
  const [link] = node.json(`ip ${inside(pod)} -j address show dev ${ifname}`);
  return link.addr_info
    .filter((entry: Document) => entry.scope === "global")
    .map((entry: Document) => `${entry.local}/${entry.prefixlen}`);
}

/** Unicast routes of one family in a pod that plugins made, in all tables. */
export function routesOf(node: Node, pod: string, family: 4 | 6): Document[] {
  const routes = node.json(`ip -n ${pod} -${family} -j -d route show table all`);
  return routes.filter((route: Document) => route.type === "unicast" && route.protocol === "boot");
}

function inside(pod: string | undefined): string {
  return pod === undefined ? "" : `-n ${pod}`;
}

// What all attachments of a network share stays: locks of store and uplink, boot marker, round-robin marker.
const SHARED_FILES = "! -name lock ! -path '*/.uplink/*' ! -name boot_id ! -name 'last_reserved_ip.*'";

/** Reservations and records: path to content. */
export function stateFiles(node: Node): Record<string, string> {
  const directories = "/var/lib/cni /run/podwire";
  const paths = node.sh(`find ${directories} -type f ${SHARED_FILES} 2>/dev/null | sort || true`);
  const entries = paths.split("\n").filter((path) => path !== "");
  return Object.fromEntries(entries.map((path) => [path, node.sh(`cat '${path}'`)]));
}

/**
 * One line for each link, reservation and record of any attachment: fast, for tests that ask a hundred times.
 *
 * Pods that exist are looked into; in them, only `lo` is nobody's.
 */
export function remains(node: Node): string[] {
  const script = [
    "ip -br link show type veth",
    "for pod in $(ls /run/netns); do ip -n $pod -br link | grep -v '^lo ' || true; done",
    `find /var/lib/cni /run/podwire -type f ${SHARED_FILES} 2>/dev/null || true`,
  ];
  return node
    .sh(script.join("; "))
    .split("\n")
    .filter((line) => line !== "");
}

/** Everything that an attachment consists of, on the node and in its pods; the bridges in `shared` left out. */
export function snapshot(node: Node, shared: readonly string[] = ["cni0"]): Document {
  const pods: string[] = node.json("ip -j netns list").map((entry: Document) => entry.name);
  const isOwn = (link: Document) => !shared.includes(link.ifname);
  return {
    links: links(node).filter(isOwn).map(withoutPassing),
    addresses: node.json("ip -j address").filter(isOwn).map(withoutPassing),
    pods: Object.fromEntries(pods.map((pod) => [pod, podState(node, pod)])),
    files: stateFiles(node),
  };
}

const CARRIER_FLAGS = ["NO-CARRIER", "LOWER_UP"];

/** What goes on by itself: timers of bridges and ports, detection of duplicates, and the carrier, which the kernel tells of a moment later. */
function withoutPassing(link: Document): Document {
  return JSON.parse(JSON.stringify(link), (key, value) => {
    if (key.endsWith("_timer") || key === "operstate" || key === "tentative") return undefined;
    return key === "flags" && Array.isArray(value)
      ? value.filter((flag) => !CARRIER_FLAGS.includes(flag))
      : value;
  });
}

/** The kernel's own routes to an address come when it has looked for duplicates of it. */
function isLasting({ table, protocol }: Document): boolean {
  return table !== "local" || protocol !== "kernel";
}

function podState(node: Node, pod: string): Document {
  const inPod = (what: string) => node.json(`ip -n ${pod} -j ${what}`);
  return {
    links: inPod("-d link").map(withoutPassing),
    addresses: inPod("address").map(withoutPassing),
    routes: inPod("route show table all").filter(isLasting),
  };
}
