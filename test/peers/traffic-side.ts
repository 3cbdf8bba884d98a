/** One side of a comparison of traffic: pods attached by one implementation, and who reaches whom then. */

import { join } from "node:path";
import { PODWIRE, REFERENCE_DIR } from "../support/node/node.ts";
import type { Facts } from "../support/reference/facts.ts";
import { NODE4, OUTSIDE4, OUTSIDE6, type World } from "../support/traffic/traffic-world.ts";
import type { TrafficCase } from "./traffic-case.ts";
import { askAll, directQuestions, OTHER4, questionsAt } from "./traffic-questions.ts";

export type Implementation = "podwire" | "reference";

interface Attachment {
  readonly pod: string;
  readonly ifname: string;
  readonly bridge: object;
  readonly portMappings: readonly object[];
}

const NETWORK = {
  bridge: "cni0",
  isDefaultGateway: true,
  ipMasq: true,
  ipam: { type: "host-local", ranges: [[{ subnet: "10.1.0.0/16" }], [{ subnet: "fd00:1::/64" }]] },
};
const OTHER_NETWORK = {
  ...NETWORK,
  name: "othernet",
  bridge: "cni1",
  ipam: { type: "host-local", ranges: [[{ subnet: "10.2.0.0/16" }], [{ subnet: "fd00:2::/64" }]] },
};

/** Duplicate address detection, where it is not off, keeps an address from being a source. */
const AWAIT_ADDRESSES = `
until test -z "$(ip -6 address show tentative)"; do sleep 0.05; done
for pod in c1 c2 d1; do
  until ip -n $pod -6 -o address show dev eth0 scope link -tentative | grep -q .; do sleep 0.05; done
done`;
/** Who asks in vain is told so, however many do: no limit on ICMP messages. */
const ANSWER_ALWAYS =
  "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit";

export class TrafficSide {
  readonly #world: World;
  readonly #implementation: Implementation;
  readonly #scenario: TrafficCase;
  /** Result of each ADD, by pod and interface. */
  readonly #results = new Map<Attachment, { ips: { address: string }[] }>();

  private constructor(world: World, implementation: Implementation, scenario: TrafficCase) {
    this.#world = world;
    this.#implementation = implementation;
    this.#scenario = scenario;
  }

  /** Attaches c1 with the host ports and c2 beside it, and d1 on another bridge; all of them answer. */
  static async create(
    world: World,
    implementation: Implementation,
    scenario: TrafficCase,
  ): Promise<TrafficSide> {
    const side = new TrafficSide(world, implementation, scenario);
    const flag = scenario.brNetfilter ? 1 : 0;
    world.node.sh(`ip address add ${OTHER4}/32 dev lo
      ip route add default via ${OUTSIDE4}; ip -6 route add default via ${OUTSIDE6}
      for what in ip ip6; do echo ${flag} > /proc/sys/net/bridge/bridge-nf-call-\${what}tables; done`);
    world.outside.sh(`ip route add ${OTHER4} via ${NODE4}`);
    for (const attachment of attachmentsOf(scenario)) side.#add(attachment);
    world.node.sh(`${ANSWER_ALWAYS}; ${AWAIT_ADDRESSES}`);
    await world.serve("c1", "tcp 80", "udp 5353", "sctp 36412");
    for (const place of ["c2", "d1", "outside"]) await world.serve(place, "tcp 80");
    return side;
  }

  #add(attachment: Attachment): void {
    const { pod } = attachment;
    const { node } = this.#world;
    node.sh(`test -e /run/netns/${pod} || ip netns add ${pod}`);
    const isOurs = this.#implementation === "podwire";
    let result = this.#call(isOurs ? "podwire" : "bridge", "ADD", attachment);
    if (!isOurs) result = this.#call("portmap", "ADD", attachment, result);
    this.#results.set(attachment, result);
  }

  /** DEL of every attachment of c1, as a runtime makes it. */
  deleteFirst(): void {
    for (const [attachment, result] of [...this.#results].toReversed()) {
      if (attachment.pod !== "c1") continue;
      const plugins = this.#implementation === "podwire" ? ["podwire"] : ["portmap", "bridge"];
      for (const plugin of plugins) this.#deleteOnce(plugin, attachment, result);
    }
  }

  /** The reference's first DEL of a pod with several IPv4 addresses fails; runtimes try again. */
  #deleteOnce(plugin: string, attachment: Attachment, result: object): void {
    if (this.#run(plugin, "DEL", attachment, result).exitCode === 0) return;
    if (plugin === "podwire") throw new Error("DEL by podwire failed");
    this.#call(plugin, "DEL", attachment, result);
  }

  #call(plugin: string, command: string, attachment: Attachment, prevResult?: object) {
    const done = this.#run(plugin, command, attachment, prevResult);
    if (done.exitCode !== 0) throw new Error(`${command} by ${plugin}: ${done.stdout}${done.stderr}`);
    return done.json;
  }

  #run(plugin: string, command: string, attachment: Attachment, prevResult?: object) {
    const { pod, ifname, bridge, portMappings } = attachment;
    const portmap = plugin === "bridge" ? {} : { ...this.#scenario.portmap, runtimeConfig: { portMappings } };
    const base = { cniVersion: "1.0.0", name: "mynet", ...(plugin === "portmap" ? nameOf(bridge) : bridge) };
    const conf = { ...base, type: plugin, ...portmap, ...(prevResult === undefined ? {} : { prevResult }) };
    const path = plugin === "podwire" ? PODWIRE : join(REFERENCE_DIR, plugin);
    const netns = `/run/netns/${pod}`;
    return this.#world.node.cni({ command, conf, containerId: pod, netns, ifname, plugin: path });
  }

  /** Every host port at every address of the node, pods among each other, and pods to the host outside. */
  async reachability(): Promise<Facts> {
    const pods = [...this.#results].flatMap(([{ pod }, { ips }]) =>
      ips.map(({ address }) => ({ pod, address: address.replace(/\/.*/, "") })),
    );
    return askAll(this.#world, [...this.#targets().flatMap(questionsAt), ...directQuestions(pods)]);
  }

  /** The host ports alone, for after DEL. */
  async hostPorts(): Promise<Facts> {
    const questions = this.#targets().flatMap(questionsAt);
    return askAll(
      this.#world,
      questions.filter(({ from }) => from !== "c1"),
    );
  }

  #targets(): readonly string[] {
    return this.#scenario.targets ?? ["tcp 8080"];
  }
}

function attachmentsOf({ bridge, portMappings, ifname = "eth0" }: TrafficCase): Attachment[] {
  const own = { ...NETWORK, ...bridge };
  const first = {
    pod: "c1",
    ifname: "eth0",
    bridge: own,
    portMappings: ifname === "eth0" ? portMappings : [],
  };
  const second = {
    pod: "c1",
    ifname: "net1",
    bridge: { ...OTHER_NETWORK, isDefaultGateway: false, isGateway: true },
    portMappings,
  };
  return [
    first,
    ...(ifname === "net1" ? [second] : []),
    { pod: "c2", ifname: "eth0", bridge: own, portMappings: [] },
    { pod: "d1", ifname: "eth0", bridge: OTHER_NETWORK, portMappings: [] },
  ];
}

function nameOf(bridge: object): object {
  return "name" in bridge ? { name: bridge.name } : {};
}
