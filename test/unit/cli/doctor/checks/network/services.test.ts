/** `podwire doctor firewall`: addresses of Services that the node has, and that host ports take. */

import { expect, test } from "vitest";
import type { AttachmentRecord } from "../../../../../../src/attachment/record/record.ts";
import { judgeServices, servicesOf } from "../../../../../../src/cli/doctor/checks/network/services.ts";
import { said } from "../../../../../support/fixtures/doctor.ts";
import { address, prefix } from "../../../../../support/fixtures/values.ts";

const PORT = { protocol: "tcp", hostPort: 443, containerPort: 443 } as const;

function record(more: object, port: object = {}): AttachmentRecord {
  const hostPorts = { mappings: [{ ...PORT, ...port }], snat: true, masqAll: false, ...more };
  return {
    network: "mynet",
    containerId: "c1",
    ifname: "eth0",
    kind: "bridge",
    netns: "/run/netns/c1",
    addressing: { kind: "none" },
    traffic: { hostPorts, ingressPolicy: "open" },
    createdAt: "2026-01-01T00:00:00Z",
  };
}

const SERVICE = prefix("10.96.0.1/32");

test("servicesOf() finds the addresses of kube-ipvs0 and networks of local routes, and no others", () => {
  const addresses = [
    { ifname: "kube-ipvs0", prefix: SERVICE },
    { ifname: "eth0", prefix: prefix("192.0.2.5/24") },
  ];
  const networks = ["127.0.0.0/8", "127.0.0.1/32", "192.0.2.5/32", "10.97.0.0/16", "::1/128"].map(prefix);
  expect(servicesOf(addresses, networks)).toEqual([SERVICE, prefix("10.97.0.0/16")]);
});

test("judgeServices() warns of a network whose host ports are not told of them", () => {
  expect(said(judgeServices([SERVICE], [record({})]))).toEqual([
    ["warning", 'host ports of network "mynet" take ports of Services: the node has their addresses'],
  ]);
});

test.for([
  ["they are excepted", [SERVICE], record({ except: [prefix("10.96.0.0/12")] })],
  ["the port is for one address", [SERVICE], record({}, { hostIp: address("192.0.2.5") })],
  ["there are none", [], record({})],
] as const)("judgeServices() says nothing when %s", ([, services, one]) => {
  expect(judgeServices(services, [one])).toEqual([]);
});
