/** What the kernel says of this node: the interfaces that others are reached by, and the networks that it is in. */

import { type Address, type Family, formatAddress, isLinkLocal, sameAddress } from "../../addr/address.ts";
import { type Prefix, prefixContains } from "../../addr/prefix.ts";
import { listLocalPrefixes } from "../../link/address.ts";
import { type Link, listLinks } from "../../link/link.ts";
import { matchRouteRequest } from "../../link/route.ts";
import { addressFamily, type RouteSocket } from "../../netlink/route/protocol.ts";
import { RTN } from "../../netlink/route/route.ts";
import type { UplinkChoice } from "../config/config.ts";
import { isTunnelName } from "../model/peer.ts";
import type { NodeNetwork } from "../model/ranges.ts";
import type { OwnUplink, Uplink } from "../model/way.ts";
import { RTPROT_PODWIRE } from "./routes.ts";

/** An address of an interface. */
interface Place {
  readonly link: Link;
  readonly prefix: Prefix;
}

export class NodeFacts {
  readonly #socket: RouteSocket;
  readonly #places: readonly Place[];
  readonly #links: ReadonlyMap<number, Link>;
  /** By address: undefined where it is on no link. */
  readonly #onLink = new Map<string, Uplink | undefined>();

  /** Reads interfaces and addresses. */
  constructor(socket: RouteSocket) {
    this.#socket = socket;
    const links = listLinks(socket).filter(({ ifname }) => !isTunnelName(ifname));
    this.#links = new Map(links.map((link) => [link.ifindex, link]));
    this.#places = listLocalPrefixes(socket).flatMap(({ ifindex, prefix }) => {
      const link = this.#links.get(ifindex);
      return link === undefined || isLocal(prefix.address) ? [] : [{ link, prefix }];
    });
  }

  /**
   * The interface for a family of addresses: as the configuration says; else the one that has the node's address; else that
   * of the default route, where the node's address is translated on the way.
   */
  uplinkFor(address: Address, choice: UplinkChoice | undefined): OwnUplink | undefined {
    const own = this.#places.filter(({ prefix }) => prefix.address.family === address.family);
    const chosen = choice === undefined ? own : own.filter((place) => isChosen(place, choice));
    const exact = chosen.find(({ prefix }) => sameAddress(prefix.address, address));
    if (exact !== undefined) return toUplink(exact);
    const main = choice === undefined ? this.#defaultInterface(address.family) : undefined;
    const other = chosen.find(({ link }) => choice !== undefined || link.ifindex === main);
    return other && toUplink(other);
  }

  /** Of the interface that the configuration names, or of the default route's. */
  mainAddress(family: Family, choice: UplinkChoice | undefined): Address | undefined {
    const own = this.#places.filter(({ prefix }) => prefix.address.family === family);
    const main = choice === undefined ? this.#defaultInterface(family) : undefined;
    const isMain = (place: Place) =>
      choice === undefined ? place.link.ifindex === main : isChosen(place, choice);
    return own.find(isMain)?.prefix.address;
  }

  /** Networks of this node, but those of its pods. */
  networks(podRanges: readonly Prefix[]): NodeNetwork[] {
    return this.#places
      .filter(({ prefix }) => !podRanges.some((range) => prefixContains(range, prefix.address)))
      .map(({ link: { ifname }, prefix }) => ({ ifname, prefix }));
  }

  /** Asks the kernel for all of them in one go; {@link linkTo} knows them then. */
  lookUp(addresses: readonly Address[]): void {
    const asked = addresses.filter((address) => !this.#onLink.has(formatAddress(address)));
    const outcomes = this.#socket.exchange(asked.map(matchRouteRequest));
    for (const [index, address] of asked.entries()) {
      const [route] = this.#socket.decode(outcomes[index]?.replies ?? [], "RTM_NEWROUTE");
      const isDirect =
        route?.rtm_type === RTN.UNICAST &&
        route.RTA_GATEWAY === undefined &&
        route.RTA_VIA === undefined &&
        route.RTA_MULTIPATH === undefined &&
        route.rtm_protocol !== RTPROT_PODWIRE &&
        route.rtm_dst_len !== 0; // a default route without a gateway says nothing of who is on the link
      const link = isDirect ? this.#links.get(route.RTA_OIF ?? 0) : undefined;
      this.#onLink.set(formatAddress(address), link);
    }
  }

  linkTo(address: Address): Uplink | undefined {
    return this.#onLink.get(formatAddress(address));
  }

  #defaultInterface(family: Family): number | undefined {
    const zero = { rtm_family: addressFamily(family), rtm_dst_len: 0 };
    const routes = this.#socket.dump({ message: "RTM_GETROUTE", body: zero }, "RTM_NEWROUTE");
    const defaults = routes.filter(
      ({ rtm_dst_len, rtm_type }) => rtm_dst_len === 0 && rtm_type === RTN.UNICAST,
    );
    const [best] = defaults.toSorted((a, b) => (a.RTA_PRIORITY ?? 0) - (b.RTA_PRIORITY ?? 0));
    return best?.RTA_OIF;
  }
}

/** Loopback and link-local addresses are of no use to others. */
function isLocal(address: Address): boolean {
  if (address.family === 4) return address.value >> 24n === 127n || address.value >> 16n === 0xa9fen;
  return address.value === 1n || isLinkLocal(address);
}

function isChosen({ link, prefix }: Place, { ifname, network }: UplinkChoice): boolean {
  return network === undefined ? link.ifname === ifname : prefixContains(network, prefix.address);
}

function toUplink({ link: { ifindex, ifname, mtu }, prefix: { address } }: Place): OwnUplink {
  return { ifindex, ifname, mtu, address };
}
