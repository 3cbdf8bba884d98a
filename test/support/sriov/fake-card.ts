/**
 * A card behind a netlink socket that refuses, is busy, or answers late: what no emulated one can be made to do. How
 * real drivers take settings is tried in test/vm.
 */

import { NetlinkError } from "../../../src/netlink/error.ts";
import { linkMessage } from "../../../src/netlink/route/link.ts";
import { type RouteRequest, type RouteSocket, rtnetlink } from "../../../src/netlink/route/protocol.ts";
import type { Outcome } from "../../../src/netlink/socket.ts";

export interface Behaviour {
  /** Error of the n-th request, from 0 on; undefined: it is taken. */
  readonly errno?: (request: number) => string | undefined;
  /** So many readings show the MAC of before. */
  readonly lateMac?: number;
}

const UNSET = "00:00:00:00:00:00";
/** What some drivers show of a VF that has been given none. */
const OWN_MAC = "f2:00:00:00:00:01";

export class FakeCard {
  /** Names of the attributes that were set, in order, with their values. */
  readonly requests: object[] = [];
  #mac = UNSET;
  #readings = 0;
  readonly #behaviour: Behaviour;

  constructor(behaviour: Behaviour = {}) {
    this.#behaviour = behaviour;
  }

  /** `as`: a socket has private members, and these two methods are all that is called. */
  get socket(): RouteSocket {
    const { request, exchange } = this;
    return { request: request.bind(this), exchange: exchange.bind(this) } as unknown as RouteSocket;
  }

  request({ message, body }: RouteRequest): void {
    const errno = this.#behaviour.errno?.(this.requests.length);
    const [info = {}] = ("IFLA_VFINFO_LIST" in body ? body.IFLA_VFINFO_LIST : undefined) ?? [];
    this.requests.push(info);
    if (errno !== undefined) throw new NetlinkError({ request: message, errno, extAck: "", attribute: "" });
    this.#mac = info.IFLA_VF_MAC?.mac ?? this.#mac;
  }

  exchange(): Outcome[] {
    const isLate = this.#readings++ < (this.#behaviour.lateMac ?? 0);
    const mac = isLate || this.#mac === UNSET ? OWN_MAC : this.#mac;
    const vfs = [0, 1, 2, 3].map((vf) => ({ IFLA_VF_MAC: { vf, mac } }));
    const payload = linkMessage.write({ IFLA_VFINFO_LIST: vfs }, {});
    const [type] = rtnetlink.messages.RTM_NEWLINK;
    return [{ replies: [{ type, flags: 0, sequence: 1, port: 1, payload }], refusal: undefined }];
  }
}
