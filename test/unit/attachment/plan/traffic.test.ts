/** Reading of the fields about a pod's traffic. */

import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "../../../../src/addr/address.ts";
import { formatPrefix } from "../../../../src/addr/prefix.ts";
import { planAddressing } from "../../../../src/attachment/plan/ipam.ts";
import { planTraffic } from "../../../../src/attachment/plan/traffic.ts";
import { CniError } from "../../../../src/error/cni-error.ts";
import { requestOf } from "../../../support/fixtures/request.ts";

const MAC = "02:00:00:00:00:01";
const REACH = { mode: "bridge", isGateway: false, isDefaultGateway: false } as const;

function decode(conf: object) {
  const request = requestOf({ ipam: { type: "host-local", subnet: "10.1.0.0/16" }, ...conf });
  const { raGuard } = request.netconf.bridge;
  return planTraffic(request.netconf.traffic, planAddressing(request, REACH), { sender: MAC, raGuard });
}

function mappings(...portMappings: object[]) {
  return { runtimeConfig: { portMappings } };
}

function errorOf(conf: object): CniError | undefined {
  try {
    decode(conf);
    return undefined;
  } catch (error) {
    if (error instanceof CniError) return error;
    throw error;
  }
}

test.for([
  {},
  { ipMasq: false },
  { ipMasqExclude: ["10.0.0.0/8"] },
  { ipMasqBackend: "nftables" },
  { ingressPolicy: "" },
  { ingressPolicy: "open" },
  { macspoofchk: false },
  { snat: true, masqAll: true },
  mappings(),
])("planTraffic() gives nothing when asked for %j", (conf) => {
  expect(decode(conf)).toBeUndefined();
});

test.for<[conf: object, kept: string[]]>([
  [{ ipMasq: true }, ["10.1.0.0/16"]],
  [{ ipmasq: true, ipMasqBackend: "iptables" }, ["10.1.0.0/16"]],
  [
    { ipMasq: true, ipMasqExclude: ["10.9.8.7/8", "192.0.2.1", "fd00::/8"] },
    ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8", "10.1.0.0/16"],
  ],
  [
    {
      ipMasq: true,
      ipam: { type: "host-local", ranges: [[{ subnet: "10.1.0.0/24" }, { subnet: "10.2.0.0/24" }]] },
    },
    ["10.1.0.0/24", "10.2.0.0/24"],
  ],
  [{ ipMasq: true, ipam: { type: "static" } }, []],
])("planTraffic() keeps the pod's address where %j says", ([conf, kept]) => {
  expect(decode(conf)?.kept?.map(formatPrefix)).toEqual(kept);
});

test.for<[mapping: object, port: object]>([
  [
    { hostPort: 1, containerPort: 65535 },
    { protocol: "tcp", hostPort: 1, containerPort: 65535 },
  ],
  [
    { HostPort: 8, ContainerPort: 9, Protocol: "UDP" },
    { protocol: "udp", hostPort: 8, containerPort: 9 },
  ],
  [
    { hostport: 8, containerport: 9, protocol: "sCtP" },
    { protocol: "sctp", hostPort: 8, containerPort: 9 },
  ],
  [
    { hostPort: 8, containerPort: 9, protocol: "", hostIP: "" },
    { protocol: "tcp", hostPort: 8, containerPort: 9 },
  ],
  [
    { hostPort: 8, containerPort: 9, HostIP: "127.0.0.1" },
    { protocol: "tcp", hostPort: 8, containerPort: 9, hostIp: parseAddress("127.0.0.1") },
  ],
  [
    { hostPort: 8, containerPort: 9, hostIP: "::" },
    { protocol: "tcp", hostPort: 8, containerPort: 9, hostIp: parseAddress("::") },
  ],
])("planTraffic() reads the mapping %j", ([mapping, port]) => {
  expect(decode(mappings(mapping))?.hostPorts).toEqual({ mappings: [port], snat: true, masqAll: false });
});

test("planTraffic() reads snat and masqAll", () => {
  const conf = { ...mappings({ hostPort: 8, containerPort: 9 }), snat: false, masqAll: true };
  expect(decode(conf)?.hostPorts).toMatchObject({ snat: false, masqAll: true });
});

test("planTraffic() takes the same mapping once when it comes twice", () => {
  const both = decode(
    mappings({ hostPort: 8, containerPort: 9 }, { hostPort: 8, containerPort: 9, protocol: "TCP" }),
  );
  expect(both?.hostPorts?.mappings).toHaveLength(1);
});

test("planTraffic() takes one port of several protocols and addresses", () => {
  const port = { hostPort: 8, containerPort: 9 };
  const all = decode(
    mappings(port, { ...port, protocol: "udp" }, { ...port, hostIP: "192.0.2.1", containerPort: 7 }),
  );
  const ips = all?.hostPorts?.mappings.map(({ hostIp }) => hostIp && formatAddress(hostIp));
  expect(ips).toEqual([undefined, undefined, "192.0.2.1"]);
});

test("planTraffic() names the pod's MAC address when frames are checked", () => {
  expect(decode({ macspoofchk: true })).toEqual({ sender: MAC, ingressPolicy: "open" });
});

test.for<[conf: object, raGuard: string | undefined]>([
  [{ isGateway: true }, undefined],
  [{ isGateway: true, ipMasq: true }, "default"],
  [{ isDefaultGateway: true, ipMasq: true }, "default"],
  [{ ipMasq: true }, undefined],
  [{ raGuard: true }, "required"],
  [{ isGateway: true, ipMasq: true, raGuard: true }, "required"],
  [{ isGateway: true, ipMasq: true, raGuard: false }, undefined],
])("planTraffic() has of the RA guard what %j says", ([conf, raGuard]) => {
  expect(decode(conf)?.raGuard).toBe(raGuard);
});

test.for<[conf: object, code: number, path: string]>([
  [mappings({ hostPort: 0, containerPort: 9 }), 7, "runtimeConfig.portMappings[0].hostPort"],
  [mappings({ hostPort: 65536, containerPort: 9 }), 7, "runtimeConfig.portMappings[0].hostPort"],
  [mappings({ containerPort: 9 }), 7, "runtimeConfig.portMappings[0].hostPort"],
  [mappings({ hostPort: 8 }), 7, "runtimeConfig.portMappings[0].containerPort"],
  [mappings({ hostPort: 8, containerPort: 70000 }), 7, "runtimeConfig.portMappings[0].containerPort"],
  [mappings({ hostPort: "8", containerPort: 9 }), 7, "runtimeConfig.portMappings[0].hostPort"],
  [
    mappings({ hostPort: 8, containerPort: 9, protocol: "icmp" }),
    7,
    "runtimeConfig.portMappings[0].protocol",
  ],
  [
    mappings({ hostPort: 8, containerPort: 9, protocol: "toString" }),
    7,
    "runtimeConfig.portMappings[0].protocol",
  ],
  [mappings({ hostPort: 8, containerPort: 9, hostIP: "junk" }), 7, "runtimeConfig.portMappings[0].hostIP"],
  [
    mappings({ hostPort: 8, containerPort: 9 }, { hostPort: 8, containerPort: 7 }),
    7,
    "runtimeConfig.portMappings[1]",
  ],
  [mappings(5 as unknown as object), 7, "runtimeConfig.portMappings[0]"],
  [{ ipMasq: "yes" }, 7, "ipMasq"],
  [{ ipMasqBackend: "ebpf" }, 7, "ipMasqBackend"],
  [{ backend: "pf" }, 7, "backend"],
  [{ ipMasqExclude: ["10.0.0.0/33"] }, 7, "ipMasqExclude[0]"],
  [{ ipMasqExclude: "10.0.0.0/8" }, 7, "ipMasqExclude"],
  [{ ingressPolicy: "closed" }, 7, "ingressPolicy"],
  [{ conditionsV4: ["-s", "10.0.0.0/8"] }, 2, "conditionsV4"],
  [{ conditionsV6: [] }, 2, "conditionsV6"],
  [{ markMasqBit: 5 }, 2, "markMasqBit"],
  [{ externalSetMarkChain: "X" }, 2, "externalSetMarkChain"],
])("planTraffic() refuses %j with code %i and the path", ([conf, code, path]) => {
  const error = errorOf(conf);
  expect(error?.code).toBe(code);
  expect(error?.message.startsWith(`${path}:`)).toBe(true);
});
