/** A node for packets: its pods, and a host outside that has no route to them. */

import { Node, type NodeOptions } from "../node/node.ts";
import { type ConnectOptions, connect, type Place, Server } from "./traffic.ts";

/** Addresses of both ends of the link between the node and the host outside. */
export const NODE4 = "192.168.50.1";
export const NODE6 = "fd50::1";
export const OUTSIDE4 = "192.168.50.2";
export const OUTSIDE6 = "fd50::2";

export class World {
  readonly node: Node;
  /** A host of its own: its `eth0` is the other end of the node's `eth0`. */
  readonly outside: Node;
  readonly #servers: Server[] = [];

  private constructor(node: Node, outside: Node) {
    this.node = node;
    this.outside = outside;
  }

  static async create(options: NodeOptions = {}): Promise<World> {
    const [node, outside] = await Promise.all([Node.create(options), Node.create()]);
    outside.sh(`ip link add eth0 type veth peer name eth0 netns /proc/${node.pid}/ns/net`);
    for (const [end, ...addresses] of [
      [node, NODE4, NODE6],
      [outside, OUTSIDE4, OUTSIDE6],
    ] as const) {
      end.sh(`echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad; ip link set eth0 up
        ip address add ${addresses[0]}/24 dev eth0; ip address add ${addresses[1]}/64 dev eth0`);
    }
    const world = new World(node, outside);
    world.filterBridges(false);
    return world;
  }

  /** Whether frames that stay on a bridge pass the packet filter (br_netfilter); they do not by default. */
  filterBridges(isOn: boolean): void {
    const keys = ["iptables", "ip6tables"].map((name) => `net.bridge.bridge-nf-call-${name}=${isOn ? 1 : 0}`);
    this.node.sh(`sysctl -qw ${keys.join(" ")}`);
  }

  /** `node`, `outside`, or the name of a pod. */
  #place(name: string): Place {
    if (name === "outside") return { node: this.outside };
    return name === "node" ? { node: this.node } : { node: this.node, pod: name };
  }

  /** Starts a server of the place's name; without endpoints: on TCP port 80 of every address. */
  async serve(place: string, ...endpoints: readonly string[]): Promise<Server> {
    const server = await Server.start(
      this.#place(place),
      place,
      endpoints.length > 0 ? endpoints : ["tcp 80"],
    );
    this.#servers.push(server);
    return server;
  }

  /** Makes the node forward a pod's multicast to the host outside. */
  async forwardMulticast(sender: string, group: string, bridge = "cni0"): Promise<void> {
    this.#servers.push(await Server.forward({ node: this.node }, sender, group, [bridge, "eth0"]));
  }

  /** What answers at `target`, as seen from `place`: `c1 192.168.50.2`, or `no answer: timeout`. */
  connect(place: string, target: string, options?: ConnectOptions): string {
    return connect(this.#place(place), target, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server[Symbol.asyncDispose]();
    await this.node[Symbol.asyncDispose]();
    await this.outside[Symbol.asyncDispose]();
  }
}
