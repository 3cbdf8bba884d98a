/** Pods behind an uplink whose queue tests look at, and what tc(8) says of it: never our own decoder. */

import { errorIn, evaluateIn, killIn, ROUTE, SOCKET } from "../node/in-node.ts";
import { Node } from "../node/node.ts";

/** Each has the address 10.9.0.N and this MAC address; beyond the uplink is pod `far` with 10.9.0.100. */
export const POD_MACS = { c1: "02:00:00:00:00:01", c2: "02:00:00:00:00:02" } as const;
export const FAR = "10.9.0.100";

const IMPORTS = {
  ...ROUTE,
  "src/shaping/uplink.ts": ["classRatesOf", "ensureUplinkClass", "findUplinkClass", "removeUplinkClass"],
  "src/shaping/sweep-uplink.ts": ["sweepUplink"],
};
const UPLINK = `${SOCKET} const ifindex = getLink(socket, "up0").ifindex;`;

/**
 * Two pods and the uplink `up0` are ports of one bridge; `up0` has no queue that anybody chose. Pods without link-local
 * addresses send nothing of their own accord.
 */
export async function nodeWithUplink(): Promise<Node> {
  const node = await Node.create();
  node.addPod("far");
  node.sh(`
    ip link add br0 type bridge; ip link set br0 up
    ip link add up0 master br0 type veth peer name eth0 netns far
    ip -n far address add ${FAR}/24 dev eth0; ip -n far link set eth0 up; ip link set up0 up`);
  for (const [index, [name, mac]] of Object.entries(POD_MACS).entries()) {
    node.addPod(name);
    node.sh(`
      ip link add v${name} master br0 type veth peer name eth0 address ${mac} netns ${name}
      ip -n ${name} address add 10.9.0.${index + 1}/24 dev eth0
      ip -n ${name} link set eth0 addrgenmode none up; ip link set v${name} up`);
  }
  return node;
}

/** Runs `body` with `socket`, `ifindex` of the uplink and the functions of `src/shaping` in reach. */
export function onUplink(node: Node, body: string) {
  return evaluateIn(node, IMPORTS, `${UPLINK} ${body}`);
}

/** The name of the error that `body` throws. */
export function errorOnUplink(node: Node, body: string): string {
  return errorIn(node, IMPORTS, `${UPLINK} ${body}`);
}

/** Kills the process that runs `body` at its nth message to the kernel; false where it sends fewer. */
export function killOnUplink(node: Node, body: string, nth: number): boolean {
  return killIn(node, IMPORTS, `${UPLINK} ${body}`, { syscall: "sendto", nth });
}

/** The call of ensureUplinkClass for one pod. */
export function ensuring(mac: string, rates: object): string {
  return `ensureUplinkClass(socket, { ifindex, mac: "${mac}", ...${JSON.stringify(rates)} });`;
}

/** A class as `tc class show` prints it. */
export interface PrintedClass {
  readonly parent: string;
  readonly rate: string;
  readonly ceil: string;
  /** How frames are counted. */
  readonly linklayer: string;
  readonly quantum: number;
  /** Packets that it sent. */
  readonly packets: number;
}

const CLASS =
  /^class htb (\S+) (?:parent )?(\S+) (?:.*?quantum (\d+) )?rate (\S+) ceil (\S+) linklayer (\S+) .*\n Sent \d+ bytes (\d+) pkt/;

/** The classes of the uplink by classid. */
export function classesOf(node: Node): Map<string, PrintedClass> {
  const parts = node.sh("tc -d -s class show dev up0").split(/^(?=class )/m);
  return new Map(
    parts.flatMap((text): [string, PrintedClass][] => {
      const found = CLASS.exec(text);
      if (found === null) return [];
      const [
        ,
        classid = "",
        parent = "",
        quantum = "0",
        rate = "",
        ceil = "",
        linklayer = "",
        packets = "0",
      ] = found;
      return [
        [classid, { parent, rate, ceil, linklayer, quantum: Number(quantum), packets: Number(packets) }],
      ];
    }),
  );
}

/** The classes of pods alone. */
export function podClassesOf(node: Node): PrintedClass[] {
  return [...classesOf(node).values()].filter(({ parent }) => parent === "7077:2");
}

/** The queue at the uplink's root: its kind and handle. */
export function rootOf(node: Node): string {
  const queues: { root?: boolean; kind: string; handle: string }[] = node.json("tc -j qdisc show dev up0");
  const root = queues.find((queue) => queue.root === true);
  return `${root?.kind} ${root?.handle}`;
}

/** How many filters lead to a class. */
export function filterCountOf(node: Node): number {
  return node
    .sh("tc filter show dev up0")
    .split("\n")
    .filter((line) => line.includes("flowid")).length;
}
