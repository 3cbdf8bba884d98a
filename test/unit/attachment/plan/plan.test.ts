/** Plans: everything decided from the request alone, or refused before anything is done. */

import { expect, test } from "vitest";
import { aliasOf, hostIfnameOf, macsOf } from "../../../../src/attachment/attachment.ts";
import { attachmentOf, planOwn } from "../../../../src/attachment/plan/plan.ts";
import { cniErrorOf, requestOf } from "../../../support/fixtures/request.ts";

const C1 = { network: "mynet", containerId: "c1", ifname: "eth0" };
const IPAM = { ipam: { type: "host-local", subnet: "10.1.0.0/24" } };

test("planOwn() decides every name when given a request", () => {
  expect(planOwn(requestOf(IPAM))).toMatchObject({
    attachment: C1,
    alias: aliasOf(C1),
    addressing: { kind: "host-local", network: "mynet" },
    link: {
      kind: "bridge",
      bridge: "cni0",
      hostIfname: hostIfnameOf(C1),
      hostMac: macsOf(C1).host,
      containerMac: macsOf(C1).container,
    },
  });
});

test("planOwn() takes the wanted MAC when the runtime has one", () => {
  const plan = planOwn(requestOf({ ...IPAM, runtimeConfig: { mac: "02:00:00:00:00:AA" } }));
  expect(plan.link).toMatchObject({ containerMac: "02:00:00:00:00:aa", hostMac: macsOf(C1).host });
});

test("planOwn() gives the same plan when it is called again", () => {
  expect(planOwn(requestOf(IPAM))).toEqual(planOwn(requestOf(IPAM)));
});

test.for([
  [{ vlanTrunk: [{ id: 0 }] }, "", 7],
  [{ conditionsV4: [] }, "", 2],
  [{ ipMasq: 1 }, "", 7],
  [{ ingressPolicy: "closed" }, "", 7],
  [{ mtu: 5 }, "", 7],
  [{ ipam: { type: "host-local" } }, "", 7],
  [{}, "FOO=bar", 4],
  [{}, "junk", 4],
  [{ cniVersion: "0.2.0" }, "", 7],
  [{ cniVersion: "0.1.0", ipam: {} }, "", 7],
] as const)("planOwn() refuses with the right code when given %j and CNI_ARGS %j", ([conf, args, code]) => {
  expect(cniErrorOf(() => planOwn(requestOf(conf, { CNI_ARGS: args }))).code).toBe(code);
});

test.for([{ deviceID: "0000:3b:02.1" }, { runtimeConfig: { deviceID: "0000:3b:02.1" } }])(
  "planOwn() names the device that it has no use for when given %j",
  (conf) => {
    const { code, message } = cniErrorOf(() => planOwn(requestOf({ ...IPAM, ...conf })));
    expect(code).toBe(7);
    expect(message).toContain("deviceID: 0000:3b:02.1 is given, and no network that takes it");
  },
);

test("planOwn() allows no addresses when the version can express it", () => {
  expect(planOwn(requestOf({ cniVersion: "0.3.0" })).addressing).toEqual({ kind: "none" });
});

test("planOwn() takes the oldest configuration when addresses are there", () => {
  const conf = {
    cniVersion: "0.2.0",
    type: "net-script",
    bridge: "cni0",
    isGateway: true,
    ipam: { type: "host-local", subnet: "10.244.0.0/16", routes: [{ dst: "0.0.0.0/0" }] },
  };
  expect(planOwn(requestOf(conf))).toMatchObject({
    addressing: { kind: "host-local" },
    config: { isGateway: true },
  });
});

test("attachmentOf() names network, container and interface when given a request", () => {
  expect(attachmentOf(requestOf({}, { CNI_CONTAINERID: "c9", CNI_IFNAME: "net1" }))).toEqual({
    network: "mynet",
    containerId: "c9",
    ifname: "net1",
  });
});
