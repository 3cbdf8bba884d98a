/** Names of vlan interfaces, and interfaces that another process makes or removes at the same moment. */

import { expect, test } from "vitest";
import {
  ensureVlanLink,
  NotThisVlan,
  removeVlanLink,
  VLAN_ALIAS,
  vlanIfnameOf,
} from "../../../src/link/vlan.ts";
import { ETH_P_8021Q } from "../../../src/netlink/route/if-ether.ts";
import { rtnetlink } from "../../../src/netlink/route/protocol.ts";
import type { Request } from "../../../src/netlink/socket.ts";
import { link } from "../../support/fixtures/links.ts";
import { FakeKernel } from "../../support/kernel/fake-kernel.ts";
import { ack, answer, error, multipart, type Reply } from "../../support/kernel/replies.ts";

test.for([
  ["eth1", 1, "eth1.1"],
  ["eth1", 4094, "eth1.4094"],
  ["enp175s0f0", 4094, "enp175s0f0.4094"],
  ["é23456789", 4094, "é23456789.4094"],
] as const)("vlanIfnameOf() is the name and the VLAN when %s and %d fit", ([ifname, vlan, wanted]) => {
  expect(vlanIfnameOf(ifname, vlan)).toBe(wanted);
});

test.for([
  ["enp175s0f0n", 4094],
  ["enp175s0f0np0", 12],
  ["é234567890", 4094],
  ["abcdefghijklmno", 1],
] as const)("vlanIfnameOf() has 15 bytes and the VLAN when %s and %d do not fit", ([ifname, vlan]) => {
  expect(vlanIfnameOf(ifname, vlan)).toMatch(new RegExp(`^v[0-9a-f]+\\.${vlan}$`));
  expect(vlanIfnameOf(ifname, vlan)).toHaveLength(15);
});

test("vlanIfnameOf() tells long names apart when only their ends differ", () => {
  expect(vlanIfnameOf("enp175s0f0np0", 12)).not.toBe(vlanIfnameOf("enp175s0f0np1", 12));
});

type Route = typeof rtnetlink;

const OPTIONS = { uplink: link({ ifindex: 2, ifname: "eth1" }), vlan: 120 };

/** An interface `eth1.120` of `eth1`. */
function vlanLink(vlan: number, ifalias = ""): Request<Route> {
  const data = { IFLA_VLAN_ID: vlan, IFLA_VLAN_PROTOCOL: ETH_P_8021Q };
  const body = {
    ifi_index: 9,
    IFLA_IFNAME: "eth1.120",
    IFLA_LINK: 2,
    IFLA_LINKINFO: { IFLA_INFO_KIND: "vlan", IFLA_INFO_DATA: data },
    IFLA_IFALIAS: ifalias,
  };
  return { message: "RTM_NEWLINK", body };
}

/** A kernel without the interface, whose creation it answers with `created`, and the look-up after it with `lookedUp`. */
function kernelOf(created: readonly Reply<Route>[], lookedUp: readonly Reply<Route>[]): FakeKernel<Route> {
  const replies = [error("ENODEV"), created, ack(), lookedUp, multipart([])];
  return new FakeKernel(rtnetlink, (_, index) => replies[index] ?? ack());
}

test("ensureVlanLink() takes the interface of another process and sets it up when that was faster", () => {
  const kernel = kernelOf(error("EEXIST"), answer(vlanLink(120)));
  expect(ensureVlanLink(kernel.socket, OPTIONS)).toMatchObject({ ifindex: 9, isUp: true });
  expect(kernel.names).toEqual(["RTM_GETLINK", "RTM_NEWLINK", "RTM_SETLINK", "RTM_GETLINK", "RTM_SETLINK"]);
});

test("ensureVlanLink() throws NotThisVlan when another process gave the name to another VLAN", () => {
  const kernel = kernelOf(error("EEXIST"), answer(vlanLink(121)));
  expect(() => ensureVlanLink(kernel.socket, OPTIONS)).toThrow(NotThisVlan);
});

test("ensureVlanLink() throws that it is missing when another process removes it right after it was made", () => {
  const kernel = kernelOf(ack(), error("ENODEV"));
  expect(() => ensureVlanLink(kernel.socket, OPTIONS)).toThrow("RTM_GETLINK: ENODEV");
});

test("ensureVlanLink() throws the kernel's words when it refuses although another process made the interface", () => {
  const kernel = kernelOf(error("ENOMEM", { extAck: "No room" }), answer(vlanLink(120)));
  expect(() => ensureVlanLink(kernel.socket, OPTIONS)).toThrow('RTM_NEWLINK: ENOMEM "No room"');
});

test("removeVlanLink() tells that it removed nothing when the interface goes at the same moment", () => {
  const kernel = new FakeKernel(rtnetlink, ({ message }) =>
    message === "RTM_GETLINK" ? answer(vlanLink(120, VLAN_ALIAS)) : error("ENODEV"),
  );
  expect(removeVlanLink(kernel.socket, "eth1.120")).toBe(false);
  expect(kernel.names).toEqual(["RTM_GETLINK", "RTM_DELLINK"]);
});
