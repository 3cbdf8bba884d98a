/** The same calls on the fake kernel and on Linux: what unit tests take for granted of a kernel is so. */

import { expect, test } from "vitest";
import { addAddressRequest, deleteAddressRequest, listAddresses } from "../../../src/link/address.ts";
import { BRIDGE_ALIAS, type BridgeSettings, ensureBridge, NotABridge } from "../../../src/link/bridge.ts";
import { deleteLink, deleteLinks, getLink, getLinks, listLinks } from "../../../src/link/link.ts";
import { addRouteRequest, listRoutes } from "../../../src/link/route.ts";
import { inNewNetns } from "../../../src/linux/netns.ts";
import { NLM_F } from "../../../src/netlink/codec/message.ts";
import { type RouteRequest, type RouteSocket, rtnetlink } from "../../../src/netlink/route/protocol.ts";
import { RT_SCOPE_LINK, RTPROT_BOOT } from "../../../src/netlink/route/route.ts";
import { NetlinkSocket } from "../../../src/netlink/socket.ts";
import { prefix } from "../../support/fixtures/values.ts";
import { linkKernel } from "../../support/kernel/link-kernel.ts";

/** `inNewNetns` for both: sysctls are none of the machine's. */
const KERNELS = [
  {
    kernel: "the fake kernel",
    within: (action: (socket: RouteSocket) => void) => inNewNetns(() => action(linkKernel().socket)),
  },
  {
    kernel: "Linux",
    within: (action: (socket: RouteSocket) => void) =>
      inNewNetns(() => {
        using socket = NetlinkSocket.open(rtnetlink);
        action(socket);
      }),
  },
];

const BRIDGE: BridgeSettings = {
  ifname: "br0",
  mtu: 1450,
  isPromiscuous: false,
  filtersVlans: false,
  snoopsMulticast: false,
};
const NO_INDEX = 9_999;

function createIfb(IFLA_IFNAME: string): RouteRequest {
  const body = { IFLA_IFNAME, IFLA_LINKINFO: { IFLA_INFO_KIND: "ifb" } };
  return { message: "RTM_NEWLINK", flags: NLM_F.CREATE | NLM_F.EXCL, body };
}

function errnos(socket: RouteSocket, requests: readonly RouteRequest[]): (string | undefined)[] {
  return socket.exchange(requests).map(({ refusal }) => refusal?.errno);
}

/** Each text with each kernel. */
function onEach(texts: readonly string[]) {
  return KERNELS.flatMap((kernel) => texts.map((text) => ({ ...kernel, text })));
}

test.for(KERNELS)(
  "ensureBridge() gives the bridge that is there when it is called twice without a look-up, on $kernel",
  ({ within }) => {
    within((socket) => {
      const first = ensureBridge(socket, BRIDGE, undefined);
      const second = ensureBridge(socket, BRIDGE, undefined);
      expect(first).toMatchObject({ kind: "bridge", mtu: 1450, isUp: true, ifalias: BRIDGE_ALIAS });
      expect(second).toMatchObject({ ifindex: first.ifindex, mac: first.mac });
      expect(listLinks(socket).filter(({ kind }) => kind === "bridge")).toHaveLength(1);
    });
  },
);

test.for(KERNELS)(
  "ensureBridge() throws NotABridge and leaves the interface when its name is taken, on $kernel",
  ({ within }) => {
    within((socket) => {
      socket.request(createIfb("br0"));
      expect(() => ensureBridge(socket, BRIDGE, undefined)).toThrow(NotABridge);
      expect(getLink(socket, "br0")).toMatchObject({ kind: "ifb", isUp: false, ifalias: "" });
    });
  },
);

test.for(KERNELS)(
  "getLinks() gives undefined in the place of each that does not exist, on $kernel",
  ({ within }) => {
    within((socket) => {
      socket.request(createIfb("v1"));
      const links = getLinks(socket, ["v0", "v1", "v2"]);
      expect(links.map((link) => link?.ifname)).toEqual([undefined, "v1", undefined]);
    });
  },
);

test.for(KERNELS)(
  "deleteLink() is true once and false when the interface is gone, on $kernel",
  ({ within }) => {
    within((socket) => {
      socket.request(createIfb("v1"));
      const ifindex = getLink(socket, "v1")?.ifindex ?? 0;
      expect([1, 2].map(() => deleteLink(socket, ifindex))).toEqual([true, false]);
    });
  },
);

test.for(KERNELS)(
  "deleteLinks() removes those that are left, and no others, when one is gone, on $kernel",
  ({ within }) => {
    within((socket) => {
      socket.requestAll(["v1", "v2", "v3"].map(createIfb));
      const [one = 0, two = 0] = getLinks(socket, ["v1", "v2"]).map((link) => link?.ifindex);
      deleteLinks(socket, [one, NO_INDEX, two]);
      expect(getLinks(socket, ["v1", "v2", "v3"]).map((link) => link?.ifname)).toEqual([
        undefined,
        undefined,
        "v3",
      ]);
    });
  },
);

test.for(onEach(["10.1.0.1/16", "fd00:1::1/64"]))(
  "addAddressRequest() and deleteAddressRequest() are refused when $text is there, or gone, on $kernel",
  ({ within, text }) => {
    within((socket) => {
      const { ifindex } = ensureBridge(socket, BRIDGE, undefined);
      const put = addAddressRequest(ifindex, prefix(text), false);
      const take = deleteAddressRequest(ifindex, prefix(text));
      expect(errnos(socket, [put, put])).toEqual([undefined, "EEXIST"]);
      expect(listAddresses(socket, ifindex).map((address) => address.prefix)).toEqual([prefix(text)]);
      expect(errnos(socket, [take, take])).toEqual([undefined, "EADDRNOTAVAIL"]);
      expect(listAddresses(socket, ifindex)).toEqual([]);
    });
  },
);

test.for(onEach(["10.9.0.0/16", "fd00:9::/64"]))(
  "addRouteRequest() is refused when the route to $text is there already, on $kernel",
  ({ within, text }) => {
    within((socket) => {
      const { ifindex } = ensureBridge(socket, BRIDGE, undefined);
      const route = addRouteRequest(ifindex, { dst: prefix(text), scope: RT_SCOPE_LINK });
      expect(errnos(socket, [route, route])).toEqual([undefined, "EEXIST"]);
      const ours = listRoutes(socket).filter(({ protocol }) => protocol === RTPROT_BOOT);
      expect(ours).toMatchObject([{ dst: prefix(text), ifindex }]);
    });
  },
);
