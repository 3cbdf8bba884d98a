/**
 * A node whose `eth1` and `eth2` lead to a segment of the data centre: pods on networks by name there, and the gateway, a
 * host of its own, beyond which lies the rest of the world.
 */

import { endpoints } from "../fixtures/annotations.ts";
import { WEB_RANGE, WEB_RANGE_6 } from "../fixtures/networks.ts";
import { remains } from "../kernel/kernel.ts";
import { Node } from "../node/node.ts";
import { type ConnectOptions, connect, type Place, Server } from "../traffic/traffic.ts";
import { type AttachmentCall, attach, call, ensurePod } from "./attachment.ts";

/** Directory of networks, tiers and endpoints on the node. */
export const CONFIG_DIR = "/run/net.d";
/** Addresses of the gateway on the segment, and of the world beyond it. */
export const GATEWAY4 = WEB_RANGE.gateway;
export const GATEWAY6 = WEB_RANGE_6.gateway;
export const WORLD4 = "192.0.2.9";
export const WORLD6 = "2001:db8::9";
/** The first addresses of the ranges. */
export const FIRST4 = WEB_RANGE.start;
export const FIRST6 = WEB_RANGE_6.start;

/** Ways of attaching pods that want nothing of the kernel but what every machine has. */
export const KINDS = ["bridge", "macvlan"] as const;
export type Kind = (typeof KINDS)[number];

const DUAL_RANGES = [
  { ...WEB_RANGE, start: "10.10.120.101", end: "10.10.120.200" },
  { ...WEB_RANGE_6, start: "fd00:120::1001", end: "fd00:120::1fff" },
];
/** What the first pods of `dual` get. */
export const FIRST_DUAL4 = "10.10.120.101";
export const FIRST_DUAL6 = "fd00:120::1001";

const DATA_RANGE = { subnet: "10.10.130.0/24", start: "10.10.130.11", end: "10.10.130.100" };

const SIDE_RANGE = { subnet: "10.10.140.0/24", start: "10.10.140.11", end: "10.10.140.100" };

/**
 * Networks of every segment: `web`, `web6` and `dual` with a gateway, `data` without one; `side` by macvlan on `eth2`.
 * No two overlap.
 */
export function networkFiles(kind: Kind): Readonly<Record<string, object>> {
  const attach = { kind, uplink: "eth1" };
  return {
    web: { ranges: [WEB_RANGE], attach },
    web6: { ranges: [WEB_RANGE_6], attach },
    dual: { ranges: DUAL_RANGES, attach },
    data: { ranges: [DATA_RANGE], attach },
    side: { ranges: [SIDE_RANGE], attach: { kind: "macvlan", uplink: "eth2" } },
  };
}

/** Of the node, with the other end of each at the gateway. */
const UPLINKS = [
  ["eth1", "eth0"],
  ["eth2", "eth1"],
] as const;

export interface SegmentCall extends AttachmentCall {
  /** Values of the pod's annotations `diamanti.com/endpoint0`, `…1`; absent: no annotation. */
  readonly wishes?: readonly unknown[];
}

export class Segment {
  readonly node: Node;
  readonly gateway: Node;
  readonly #servers: Server[] = [];

  private constructor(node: Node, gateway: Node) {
    this.node = node;
    this.gateway = gateway;
  }

  static async create(kind: Kind = "bridge"): Promise<Segment> {
    const [node, gateway] = await Promise.all([Node.create(), Node.create()]);
    for (const [uplink, end] of UPLINKS) {
      node.sh(`ip link add ${uplink} type veth peer name ${end} netns /proc/${gateway.pid}/ns/net
        ip link set ${uplink} addrgenmode none up`);
      gateway.sh(`echo 0 > /proc/sys/net/ipv6/conf/${end}/accept_dad; ip link set ${end} up`);
    }
    gateway.sh(`ip address add 10.10.140.1/24 dev eth1
      ip address add ${GATEWAY4}/24 dev eth0; ip address add 10.10.130.1/24 dev eth0
      ip address add ${GATEWAY6}/64 dev eth0 nodad
      ip address add ${WORLD4}/32 dev lo; ip address add ${WORLD6}/128 dev lo nodad`);
    const segment = new Segment(node, gateway);
    for (const [name, file] of Object.entries(networkFiles(kind))) segment.put(`networks/${name}.json`, file);
    return segment;
  }

  /** Writes a file below the directory of networks; text as it is, anything else as JSON. */
  put(path: string, content: object | string): void {
    const input = typeof content === "string" ? content : JSON.stringify(content);
    const file = `${CONFIG_DIR}/${path}`;
    const done = this.node.run(["sh", "-ec", `mkdir -p "$(dirname ${file})"; cat > ${file}`], { input });
    if (done.exitCode !== 0) throw new Error(`${path}: ${done.stderr}`);
  }

  /** One plugin call about container `c1`, interface `eth0`; on a failure `json` is the error. */
  call(command: string, options: SegmentCall = {}) {
    return call(this.node, command, configured(options));
  }

  /** Makes the pod where it is missing and adds it; gives the result. @throws where ADD fails */
  attach(options: SegmentCall = {}) {
    return attach(this.node, configured(options));
  }

  /** Makes the pod where it is missing and calls ADD, which a test expects to fail. */
  refuse(options: SegmentCall = {}): {
    readonly code: number;
    readonly msg: string;
    readonly details?: string;
  } {
    ensurePod(this.node, options.containerId);
    const { exitCode, json } = this.call("ADD", options);
    if (exitCode === 0) throw new Error(`ADD succeeded: ${JSON.stringify(json)}`);
    return json;
  }

  /** `gateway`, `node`, or the name of a pod. */
  place(name: string): Place {
    if (name === "gateway") return { node: this.gateway };
    return name === "node" ? { node: this.node } : { node: this.node, pod: name };
  }

  /** Starts a server of the place's name on TCP port 80 of every address. */
  async serve(...places: readonly string[]): Promise<void> {
    for (const name of places) this.#servers.push(await Server.start(this.place(name), name, ["tcp 80"]));
  }

  /** What answers at TCP port 80 of the address, and which source it saw: `gateway 10.10.120.11`. */
  ask(from: string, address: string, options?: ConnectOptions): string {
    return connect(this.place(from), `tcp ${address} 80`, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server[Symbol.asyncDispose]();
    await this.node[Symbol.asyncDispose]();
    await this.gateway[Symbol.asyncDispose]();
  }
}

/** A configuration with its own bridge `cni0`, in which the pod's annotations stand. */
function configured({ wishes, conf, ...others }: SegmentCall): AttachmentCall {
  const annotations: { runtimeConfig?: object } = wishes === undefined ? {} : endpoints(...wishes);
  const given: { runtimeConfig?: object } = conf ?? {};
  const runtimeConfig = { ...annotations.runtimeConfig, ...given.runtimeConfig };
  return { ...others, conf: { configDir: CONFIG_DIR, isDefaultGateway: true, ...given, runtimeConfig } };
}

const UPLINK = /^eth[12]@/;
const POD_CLASS = /^class htb 7077:(?![123] )/;

/** One line for each thing of any attachment that is left, the classes of pods on the uplink too. */
export function segmentRemains({ node }: Segment): string[] {
  const classes = node.sh("tc class show dev eth1").split("\n");
  return [
    ...remains(node).filter((line) => !UPLINK.test(line)),
    ...classes.filter((line) => POD_CLASS.test(line)),
  ];
}
