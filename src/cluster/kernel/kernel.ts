/** Makes the kernel as the cluster needs it: what is missing comes, what is wrong is replaced, what is too much goes. */

import { NetlinkError } from "../../netlink/error.ts";
import { AF, type RouteSocket } from "../../netlink/route/protocol.ts";
import type { Desired, PeerRoute, Tunnel } from "../model/desired.ts";
import { TUNNEL_NAMES } from "../model/peer.ts";
import { valueText } from "../value-text.ts";
import { difference, type Entries, type Entry, Memo, toEntries } from "./entry.ts";
import { listNeighboursRequests, toNeighbourEntry, tunnelPeerEntries } from "./neighbours.ts";
import { blackholeEntry, listRoutesRequest, peerRouteEntry, toRouteEntry } from "./routes.ts";
import { ensureTunnel, removeTunnel } from "./tunnel.ts";

export interface Applied {
  /** How many things were put there, replaced or removed. */
  readonly changes: number;
  /** Of what could not be done, for people. */
  readonly problems: readonly string[];
}

export interface ApplyOptions {
  /** False until all nodes are known: nothing is removed before. */
  readonly mayRemove: boolean;
  /** Reads everything anew instead of trusting what was seen and told. */
  readonly isFull: boolean;
}

/** Problems that are told one by one; more are counted. */
const TOLD = 5;

export class ClusterKernel {
  readonly #socket: RouteSocket;
  /** What is there, as it was read and told since; undefined: to be read. */
  #present: Map<string, Entry> | undefined;
  #wanted: Entries = new Map();
  readonly #peerEntries = new Memo(tunnelPeerEntries);
  readonly #routeEntries = new Memo((route: PeerRoute, ifindex: number) => [peerRouteEntry(route, ifindex)]);
  /** ifindex by name. */
  #tunnels: ReadonlyMap<string, number> = new Map();
  #tunnelsAsTheyWere = "";

  constructor(socket: RouteSocket) {
    this.#socket = socket;
  }

  /** ifindexes of the tunnels. */
  get tunnels(): readonly number[] {
    return [...this.#tunnels.values()];
  }

  /** Makes it so. What cannot be done is a problem, and the rest is done. */
  apply(desired: Desired, { mayRemove, isFull }: ApplyOptions): Applied {
    const problems: string[] = [];
    this.#keepTunnels(desired.tunnels, isFull, problems);
    this.#wanted = toEntries(this.#entriesOf(desired));
    this.#present ??= this.#read();
    const { missing, surplus } = difference(this.#wanted, this.#present);
    const removed = mayRemove ? surplus : [];
    this.#change(missing, "add", problems);
    this.#change(removed, "remove", problems);
    if (mayRemove) this.#removeTunnelsBut(desired.tunnels);
    return { changes: missing.length + removed.length, problems: summarize(problems) };
  }

  /** Notes what the kernel told of a key: what is there now, undefined: nothing. @returns whether that is wrong */
  note(key: string, entry: Entry | undefined): boolean {
    if (entry === undefined) this.#present?.delete(key);
    else this.#present?.set(key, entry);
    return this.#wanted.get(key)?.value !== entry?.value;
  }

  /** Tunnels are looked at where they are to be others than before, and in full looks. */
  #keepTunnels(tunnels: readonly Tunnel[], isFull: boolean, problems: string[]): void {
    const text = tunnels.map(describe).join();
    if (isFull) this.#present = undefined;
    else if (text === this.#tunnelsAsTheyWere) return;
    this.#tunnelsAsTheyWere = text;
    const before = this.tunnels.join();
    this.#tunnels = new Map(
      tunnels.flatMap((tunnel) => {
        const ifindex = this.#ensure(tunnel, problems);
        return ifindex === undefined ? [] : [[tunnel.ifname, ifindex] as const];
      }),
    );
    // Another interface has nothing of what the former had.
    if (this.tunnels.join() !== before) this.#present = undefined;
  }

  #ensure(tunnel: Tunnel, problems: string[]): number | undefined {
    try {
      return ensureTunnel(this.#socket, tunnel);
    } catch (error) {
      this.#tunnelsAsTheyWere = ""; // so that the next look tries again
      problems.push(`${tunnel.ifname}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  #entriesOf({ tunnels, routes, blackholes }: Desired): Entry[] {
    return [
      ...blackholes.map(blackholeEntry),
      ...tunnels.flatMap(({ ifname, peers }) => {
        const ifindex = this.#tunnels.get(ifname);
        return ifindex === undefined ? [] : peers.flatMap((peer) => this.#peerEntries.of(peer, ifindex));
      }),
      ...routes.flatMap((route) => {
        const { device } = route;
        const ifindex = typeof device === "number" ? device : this.#tunnels.get(device);
        return ifindex === undefined ? [] : this.#routeEntries.of(route, ifindex);
      }),
    ];
  }

  #read(): Map<string, Entry> {
    const socket = this.#socket;
    const routes = [AF.INET, AF.INET6].flatMap((family) =>
      socket
        .dump(listRoutesRequest(family), "RTM_NEWROUTE")
        .flatMap((message) => toRouteEntry(message) ?? []),
    );
    const neighbours = this.tunnels
      .flatMap(listNeighboursRequests)
      .flatMap((request) => socket.dump(request, "RTM_NEWNEIGH"))
      .filter(({ ndm_ifindex }) => this.tunnels.includes(ndm_ifindex ?? 0))
      .flatMap((message) => toNeighbourEntry(message) ?? []);
    return toEntries([...routes, ...neighbours]);
  }

  #change(entries: readonly Entry[], verb: "add" | "remove", problems: string[]): void {
    const outcomes = this.#socket.exchange(entries.map((entry) => entry[verb]));
    for (const [index, entry] of entries.entries()) {
      const refusal = outcomes[index]?.refusal;
      if (refusal !== undefined && !(verb === "remove" && isGone(refusal.errno)))
        problems.push(`${entry.key}: ${new NetlinkError(refusal).message}`);
      else if (verb === "add") this.#present?.set(entry.key, entry);
      else this.#present?.delete(entry.key);
    }
  }

  #removeTunnelsBut(tunnels: readonly Tunnel[]): void {
    const idle = Object.values(TUNNEL_NAMES).filter((name) => !tunnels.some(({ ifname }) => ifname === name));
    for (const ifname of idle) removeTunnel(this.#socket, ifname);
  }
}

function isGone(errno: string): boolean {
  return ["ESRCH", "ENOENT", "ENODEV"].includes(errno);
}

/** All but the peers. */
function describe({ peers: _peers, ...tunnel }: Tunnel): string {
  return valueText(tunnel);
}

function summarize(problems: readonly string[]): string[] {
  if (problems.length <= TOLD) return [...problems];
  return [...problems.slice(0, TOLD), `and ${problems.length - TOLD} more`];
}
