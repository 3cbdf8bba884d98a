/** A bridge that another process makes, removes or has at the same moment. */

import { expect, test } from "vitest";
import { BRIDGE_ALIAS, ensureBridge, NotABridge } from "../../../src/link/bridge.ts";
import { NoVlanFiltering } from "../../../src/link/bridge-vlan.ts";
import { rtnetlink } from "../../../src/netlink/route/protocol.ts";
import type { Request } from "../../../src/netlink/socket.ts";
import { link } from "../../support/fixtures/links.ts";
import { FakeKernel } from "../../support/kernel/fake-kernel.ts";
import { ack, answer, error, type Reply } from "../../support/kernel/replies.ts";

const SETTINGS = {
  // Longer than any kernel takes, so that its sysctls are none of the machine's.
  ifname: "bridge-of-no-kernel",
  mtu: 1450,
  isPromiscuous: false,
  filtersVlans: false,
  snoopsMulticast: false,
};
const MAC = "02:00:00:00:00:07";
const UP = 1; // IFF_UP

interface Found {
  readonly kind?: string;
  readonly ifalias?: string;
  readonly flags?: number;
}

/** What the kernel has under the name. */
function found({ kind = "bridge", ifalias = "", flags = 0 }: Found = {}): Request<typeof rtnetlink> {
  const info = { IFLA_LINKINFO: { IFLA_INFO_KIND: kind } };
  const body = { ifi_index: 7, ifi_flags: flags, IFLA_IFNAME: SETTINGS.ifname, IFLA_ADDRESS: MAC, ...info };
  return { message: "RTM_NEWLINK", body: ifalias === "" ? body : { ...body, IFLA_IFALIAS: ifalias } };
}

/** A kernel in which the creation of the bridge ends with `created` and the look-up after it with `lookedUp`. */
function kernelOf(
  created: readonly Reply<typeof rtnetlink>[],
  lookedUp: readonly Reply<typeof rtnetlink>[],
): FakeKernel<typeof rtnetlink> {
  return new FakeKernel(rtnetlink, ({ message }) => {
    if (message === "RTM_NEWLINK") return created;
    return message === "RTM_GETLINK" ? lookedUp : ack();
  });
}

test("ensureBridge() takes the bridge of another process when that was faster and has finished it", () => {
  const kernel = kernelOf(error("EEXIST"), answer(found({ ifalias: BRIDGE_ALIAS, flags: UP })));
  const bridge = ensureBridge(kernel.socket, SETTINGS, undefined);
  expect(bridge).toMatchObject({ ifindex: 7, mac: MAC, isUp: true });
  expect(kernel.names).toEqual(["RTM_NEWLINK", "RTM_GETLINK"]);
});

test("ensureBridge() pins the MAC address and sets up when another process has only made the bridge", () => {
  const kernel = kernelOf(error("EEXIST"), answer(found()));
  expect(ensureBridge(kernel.socket, SETTINGS, undefined)).toMatchObject({ mac: MAC, isUp: true });
  expect(kernel.names).toEqual(["RTM_NEWLINK", "RTM_GETLINK", "RTM_SETLINK"]);
  expect(kernel.requests[2]?.body).toMatchObject({ ifi_index: 7, ifi_flags: UP, IFLA_ADDRESS: MAC });
});

test("ensureBridge() throws NotABridge and changes nothing when another process made something else", () => {
  const kernel = kernelOf(error("EEXIST"), answer(found({ kind: "dummy" })));
  expect(() => ensureBridge(kernel.socket, SETTINGS, undefined)).toThrow(NotABridge);
  expect(kernel.names).toEqual(["RTM_NEWLINK", "RTM_GETLINK"]);
});

test("ensureBridge() throws when another process removes the bridge right after it was made", () => {
  const kernel = kernelOf(ack(), error("ENODEV"));
  expect(() => ensureBridge(kernel.socket, SETTINGS, undefined)).toThrow("vanished right after it was made");
});

test("ensureBridge() throws what the kernel said when it refuses to make the bridge", () => {
  const kernel = kernelOf(error("EINVAL", { extAck: "Invalid MTU", attribute: "IFLA_MTU" }), []);
  expect(() => ensureBridge(kernel.socket, SETTINGS, undefined)).toThrow(
    'RTM_NEWLINK: EINVAL "Invalid MTU" at IFLA_MTU',
  );
});

test.for([
  { filtersVlans: true, wanted: NoVlanFiltering },
  { filtersVlans: false, wanted: "RTM_NEWLINK: EOPNOTSUPP" },
])("ensureBridge() names VLAN filtering as what is missing when it is $filtersVlans", (row) => {
  const { filtersVlans, wanted } = row;
  const kernel = kernelOf(error("EOPNOTSUPP"), []);
  expect(() => ensureBridge(kernel.socket, { ...SETTINGS, filtersVlans }, undefined)).toThrow(wanted);
});

test("ensureBridge() throws NoVlanFiltering when a bridge that is there tells nothing of VLANs", () => {
  const kernel = kernelOf([], []);
  const existing = link({ kind: "bridge", ifalias: BRIDGE_ALIAS });
  expect(() => ensureBridge(kernel.socket, { ...SETTINGS, filtersVlans: true }, existing)).toThrow(
    NoVlanFiltering,
  );
  expect(kernel.names).toEqual([]);
});
