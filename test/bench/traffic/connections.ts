/** New TCP connections from an outside host through one host port of a crowd. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Cost } from "../../support/measure/caller.ts";
import type { TrafficSite } from "./site.ts";
import { CONTAINER_PORT, type Pod } from "./stages.ts";

const OUTSIDE = "outside";
const NODE_ADDRESS = "192.0.2.1";
const OUTSIDE_ADDRESS = "192.0.2.2";

/** A server in a pod and a client on a host beside the node. */
export class Connections {
  readonly #site: TrafficSite;
  readonly #pod: Pod;
  readonly #server: ChildProcess;

  private constructor(site: TrafficSite, pod: Pod, server: ChildProcess) {
    this.#site = site;
    this.#pod = pod;
    this.#server = server;
  }

  static async create(site: TrafficSite, pod: Pod): Promise<Connections> {
    const { node } = site;
    node.sh(`ip netns add ${OUTSIDE}
      ip link add uplink type veth peer name eth0 netns ${OUTSIDE}
      ip address add ${NODE_ADDRESS}/24 dev uplink
      ip link set uplink up
      ip -n ${OUTSIDE} address add ${OUTSIDE_ADDRESS}/24 dev eth0
      ip -n ${OUTSIDE} link set eth0 up`);
    const serve = [site.program("connections"), "serve", `/run/netns/${pod.id}`, String(CONTAINER_PORT)];
    const [file = "", ...args] = node.command(serve);
    const server = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    if (server.stdout === null) throw new Error("the server has no standard output");
    await Promise.race([once(server.stdout, "data"), endOf(server)]);
    return new Connections(site, pod, server);
  }

  /** Opens `count` connections one after the other, as one cost. @throws where one fails */
  async open(count: number): Promise<Cost> {
    const { caller, contestant } = this.#site;
    const target = [NODE_ADDRESS, String(this.#pod.hostPort), String(count)];
    const argv = [this.#site.program("connections"), "open", `/run/netns/${OUTSIDE}`, ...target];
    const cost = await caller.run({ argv });
    if (cost.exitCode !== 0) throw new Error(`${contestant.name}: no connection to port ${target[1]}`);
    return cost;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.exitCode !== null) return;
    const gone = once(this.#server, "exit");
    this.#server.kill("SIGKILL");
    await gone;
  }
}

async function endOf(server: ChildProcess): Promise<never> {
  const [exitCode] = await once(server, "exit");
  throw new Error(`the server ended with ${exitCode} before it listened`);
}
