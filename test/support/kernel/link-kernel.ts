/**
 * A fake kernel that keeps interfaces, addresses and routes as Linux does, as far as verbs of src/link look at them; its
 * likeness is held against Linux in test/netns/link/kernels.test.ts.
 */

import { NLM_F } from "../../../src/netlink/codec/message.ts";
import { rtnetlink } from "../../../src/netlink/route/protocol.ts";
import type { Request } from "../../../src/netlink/socket.ts";
import { FakeKernel, type Received } from "./fake-kernel.ts";
import { ack, answer, error, multipart, type Reply } from "./replies.ts";

type Route = typeof rtnetlink;
type Body<K> = Extract<Request<Route>, { message: K }>["body"];
type Link = Body<"RTM_NEWLINK">;
type Replies = readonly Reply<Route>[];

/** Makes a kernel without interfaces. */
export function linkKernel(): FakeKernel<Route> {
  const links = new Links();
  const addresses = new Set<Body<"RTM_NEWADDR">>();
  const routes = new Set<Body<"RTM_NEWROUTE">>();
  return new FakeKernel(rtnetlink, (request): Replies => {
    switch (request.message) {
      case "RTM_NEWLINK":
        return links.create(request.body);
      case "RTM_SETLINK":
        return links.change(request.body);
      case "RTM_DELLINK":
        return links.remove(request.body);
      case "RTM_GETLINK":
        return isDump(request) ? multipart(links.list()) : links.find(request.body);
      case "RTM_NEWADDR":
        return add(addresses, request.body, isSameAddress);
      case "RTM_DELADDR":
        return remove(addresses, request.body, isSameAddress);
      case "RTM_GETADDR":
        return multipart([...addresses].map((body) => ({ message: "RTM_NEWADDR", body })));
      case "RTM_NEWROUTE":
        return add(routes, request.body, isSameRoute);
      case "RTM_GETROUTE": {
        const { rtm_family } = request.body;
        const ofFamily = [...routes].filter((route) => route.rtm_family === rtm_family);
        return multipart(ofFamily.map((body) => ({ message: "RTM_NEWROUTE", body })));
      }
      default:
        return error("EOPNOTSUPP");
    }
  });
}

class Links {
  readonly #links = new Map<number, Link>();
  #last = 1; // lo, which is not told of

  create(body: Link): Replies {
    if (this.#indexOf(body) !== undefined) return error("EEXIST");
    const ifi_index = ++this.#last;
    this.#links.set(ifi_index, { ...body, ifi_index });
    return ack();
  }

  change({ ifi_flags = 0, ifi_change = 0, ...changes }: Link): Replies {
    const index = this.#indexOf(changes);
    const link = index === undefined ? undefined : this.#links.get(index);
    if (index === undefined || link === undefined) return error("ENODEV");
    const flags = ((link.ifi_flags ?? 0) & ~ifi_change) | (ifi_flags & ifi_change);
    this.#links.set(index, { ...link, ...changes, ifi_index: index, ifi_flags: flags });
    return ack();
  }

  remove(body: Link): Replies {
    const isMeant = ({ ifi_index, IFLA_GROUP }: Link) =>
      body.IFLA_GROUP === undefined ? ifi_index === body.ifi_index : IFLA_GROUP === body.IFLA_GROUP;
    const indexes = [...this.#links].filter(([, link]) => isMeant(link)).map(([index]) => index);
    for (const index of indexes) this.#links.delete(index);
    return indexes.length === 0 ? error("ENODEV") : ack();
  }

  find(body: Link): Replies {
    const link = this.#links.get(this.#indexOf(body) ?? 0);
    return link === undefined
      ? error("ENODEV")
      : answer<Reply<Route>>({ message: "RTM_NEWLINK", body: link });
  }

  list(): Request<Route>[] {
    return [...this.#links.values()].map((body) => ({ message: "RTM_NEWLINK", body }));
  }

  /** Of the interface that a request names by index or, without one, by name. */
  #indexOf({ ifi_index = 0, IFLA_IFNAME }: Link): number | undefined {
    if (ifi_index !== 0) return this.#links.has(ifi_index) ? ifi_index : undefined;
    return [...this.#links.values()].find((link) => link.IFLA_IFNAME === IFLA_IFNAME)?.ifi_index;
  }
}

function isDump({ flags }: Received<Route>): boolean {
  return (flags & NLM_F.DUMP) === NLM_F.DUMP;
}

function add<B>(all: Set<B>, body: B, isSame: (a: B, b: B) => boolean): Replies {
  if ([...all].some((other) => isSame(other, body))) return error("EEXIST");
  all.add(body);
  return ack();
}

function remove<B>(all: Set<B>, body: B, isSame: (a: B, b: B) => boolean): Replies {
  const found = [...all].find((other) => isSame(other, body));
  if (found === undefined) return error("EADDRNOTAVAIL");
  all.delete(found);
  return ack();
}

function isSameAddress(a: Body<"RTM_NEWADDR">, b: Body<"RTM_NEWADDR">): boolean {
  return (
    a.ifa_index === b.ifa_index &&
    a.ifa_prefixlen === b.ifa_prefixlen &&
    a.IFA_LOCAL?.value === b.IFA_LOCAL?.value
  );
}

function isSameRoute(a: Body<"RTM_NEWROUTE">, b: Body<"RTM_NEWROUTE">): boolean {
  return a.RTA_DST?.value === b.RTA_DST?.value && a.rtm_dst_len === b.rtm_dst_len && a.RTA_OIF === b.RTA_OIF;
}
