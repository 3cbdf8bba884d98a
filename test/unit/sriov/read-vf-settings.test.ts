/** Settings of VFs in what the kernel says of their physical function. */

import { expect, test } from "vitest";
import { decodeMessages, type Message } from "../../../src/netlink/codec/message.ts";
import type { ValueOf } from "../../../src/netlink/codec/type.ts";
import { linkMessage } from "../../../src/netlink/route/link.ts";
import { type RouteSocket, rtnetlink } from "../../../src/netlink/route/protocol.ts";
import { listVfSettings, readVfSettings } from "../../../src/sriov/read-vf-settings.ts";
import { readGolden } from "../../support/netlink/golden.ts";

/** A kernel that has this one answer; `as`: no other method is called. */
function answering(replies: readonly Message[], errno?: string): RouteSocket {
  const refusal =
    errno === undefined ? undefined : { request: "RTM_GETLINK", errno, extAck: "", attribute: "" };
  return { exchange: () => [{ replies, refusal }] } as unknown as RouteSocket;
}

function showing(link: ValueOf<typeof linkMessage>): RouteSocket {
  const [type] = rtnetlink.messages.RTM_NEWLINK;
  const payload = linkMessage.write(link, {});
  return answering([{ type, flags: 0, sequence: 1, port: 1, payload }]);
}

const SIM = answering(decodeMessages(readGolden("reply-link-vfs")));

const FIRST = {
  mac: "00:00:00:00:00:00",
  vlan: 7,
  qos: 0,
  proto: "802.1q",
  minTxRateMbps: 0,
  maxTxRateMbps: 0,
  spoofchk: false,
  trust: false,
  linkState: "auto",
};
const SECOND = {
  mac: "02:00:00:00:00:05",
  vlan: 120,
  qos: 5,
  proto: "802.1ad",
  minTxRateMbps: 100,
  maxTxRateMbps: 500,
  spoofchk: true,
  trust: true,
  linkState: "disable",
};

test("listVfSettings() gives all settings of each VF when the kernel shows them", () => {
  expect(listVfSettings(SIM, "sim0")).toEqual([FIRST, SECOND]);
});

test("readVfSettings() gives those of the VF with that number when there are several", () => {
  expect(readVfSettings(SIM, { pf: "sim0", index: 1 })).toEqual(SECOND);
});

test("readVfSettings() gives undefined when there are fewer VFs", () => {
  expect(readVfSettings(SIM, { pf: "sim0", index: 2 })).toBeUndefined();
});

test("readVfSettings() gives undefined when the driver shows none", () => {
  expect(readVfSettings(showing({ IFLA_IFNAME: "eth0" }), { pf: "eth0", index: 0 })).toBeUndefined();
});

test("readVfSettings() leaves out what the driver does not say when it answers -1", () => {
  const setting = 0xffff_ffff;
  const info = { IFLA_VF_SPOOFCHK: { vf: 0, setting }, IFLA_VF_TRUST: { vf: 0, setting } };
  const settings = readVfSettings(showing({ IFLA_VFINFO_LIST: [info] }), { pf: "eth0", index: 0 });
  expect(settings).not.toHaveProperty("spoofchk");
  expect(settings).not.toHaveProperty("trust");
});

test("readVfSettings() takes the VLAN of the older attribute when there is no other", () => {
  const socket = showing({ IFLA_VFINFO_LIST: [{ IFLA_VF_VLAN: { vf: 0, vlan: 120, qos: 5 } }] });
  const settings = readVfSettings(socket, { pf: "eth0", index: 0 });
  expect(settings).toMatchObject({ vlan: 120, qos: 5, proto: "802.1q" });
});

test("readVfSettings() throws what the kernel says when there is no such physical function", () => {
  expect(() => readVfSettings(answering([], "ENODEV"), { pf: "eth9", index: 0 })).toThrow(
    "RTM_GETLINK: ENODEV",
  );
});
