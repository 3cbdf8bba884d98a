/** Tracked connections on kernels old and new: which requests are made, and which connections are deleted. */

import { expect, test } from "vitest";
import { singlePrefix } from "../../../../src/addr/prefix.ts";
import { IPPROTO } from "../../../../src/addr/service.ts";
import { NFPROTO } from "../../../../src/netlink/netfilter/header.ts";
import { netfilter } from "../../../../src/netlink/netfilter/protocol.ts";
import type { Request } from "../../../../src/netlink/socket.ts";
import { flushAnswered, flushUdp } from "../../../../src/nftables/connections/flush.ts";
import { address } from "../../../support/fixtures/values.ts";
import { FakeKernel, type Received } from "../../../support/kernel/fake-kernel.ts";
import { ack, answer, error, multipart, type Status } from "../../../support/kernel/replies.ts";

type Nfnetlink = typeof netfilter;

const POD4 = address("10.1.0.2");
const POD6 = address("fd00:1::2");
const NODE4 = address("192.0.2.1");
const OF_NODE = { own: () => [singlePrefix(NODE4)], except: [] };
const CLIENT4 = address("198.51.100.9");
const TCP = { protocol: "tcp", hostPort: 8080, containerPort: 80 } as const;
const UDP = { ...TCP, protocol: "udp" } as const;
/** So many that looking at each is dearer than a pass over the kernel's table for one port. */
const MANY = 10_000;

interface Tracked {
  readonly id: number;
  readonly protocol?: "tcp" | "udp";
  readonly port?: number;
  readonly to?: string;
  readonly answerer?: string;
}

/** A connection from one client; its fields as conntrack(8) prints them. */
function tracked({ id, protocol = "tcp", port = 8080, to = "192.0.2.1", answerer = "10.1.0.2" }: Tracked) {
  const body = {
    nfgen_family: to.includes(":") ? NFPROTO.IPV6 : NFPROTO.IPV4,
    CTA_TUPLE_ORIG: {
      CTA_TUPLE_IP: to.includes(":")
        ? { CTA_IP_V6_DST: address(to) }
        : { CTA_IP_V4_SRC: CLIENT4, CTA_IP_V4_DST: address(to) },
      CTA_TUPLE_PROTO: {
        CTA_PROTO_NUM: IPPROTO[protocol],
        CTA_PROTO_SRC_PORT: 40_000,
        CTA_PROTO_DST_PORT: port,
      },
    },
    CTA_TUPLE_REPLY: {
      CTA_TUPLE_IP: answerer.includes(":")
        ? { CTA_IP_V6_SRC: address(answerer) }
        : { CTA_IP_V4_SRC: address(answerer) },
    },
    CTA_ID: id,
  };
  return { message: "IPCTNL_MSG_CT_NEW", body } as const;
}

interface Behaviour {
  readonly connections?: readonly Request<Nfnetlink>[];
  /** What the statistics say; default: as many as there are. */
  readonly count?: number;
  /** The answer to a deletion by filter; default: of a kernel that knows no filters there. */
  readonly byFilter?: readonly Status[];
  /** The answer to the deletion of one connection. */
  readonly byId?: readonly Status[];
}

function kernelOf(behaviour: Behaviour): FakeKernel<Nfnetlink> {
  const { connections = [], count = connections.length } = behaviour;
  return new FakeKernel(netfilter, (request) => {
    if (request.message === "IPCTNL_MSG_CT_GET_STATS") {
      const stats = {
        message: "IPCTNL_MSG_CT_GET_STATS",
        body: { CTA_STATS_GLOBAL_ENTRIES: count },
      } as const;
      return answer<Request<Nfnetlink>>(stats);
    }
    if (request.message === "IPCTNL_MSG_CT_GET") return multipart(connections);
    if (isById(request)) return behaviour.byId ?? ack();
    return behaviour.byFilter ?? error("EINVAL");
  });
}

function isById(request: Received<Nfnetlink>): boolean {
  return "CTA_ID" in request.body;
}

/** Identifiers of the connections that were deleted one by one. */
function deleted({ requests }: FakeKernel<Nfnetlink>): unknown[] {
  return requests.flatMap(({ body }) => ("CTA_ID" in body ? [body.CTA_ID] : []));
}

test("flushAnswered() makes one request for each pod's IPv4 address when the kernel deletes by filter", () => {
  const kernel = kernelOf({ byFilter: ack() });
  const other = { port: { ...TCP, hostPort: 8081 }, pod: POD4 };
  flushAnswered(kernel.socket, [{ port: TCP, pod: POD4 }, other]);
  expect(kernel.names).toEqual(["IPCTNL_MSG_CT_DELETE"]);
  expect(kernel.requests[0]?.body).toMatchObject({
    version: 1,
    CTA_TUPLE_REPLY: { CTA_TUPLE_IP: { CTA_IP_V4_SRC: POD4 } },
  });
});

test("flushAnswered() passes when the kernel finds no connection by filter", () => {
  const kernel = kernelOf({ byFilter: error("ENOENT") });
  expect(() => flushAnswered(kernel.socket, [{ port: TCP, pod: POD4 }])).not.toThrow();
});

test("flushAnswered() deletes the pod's connections through the port alone when no filter is known", () => {
  const connections = [
    tracked({ id: 1 }),
    tracked({ id: 2, answerer: "10.1.0.3" }),
    tracked({ id: 3, port: 8081 }),
    tracked({ id: 4, protocol: "udp" }),
    tracked({ id: 5, to: "203.0.113.5" }),
  ];
  const kernel = kernelOf({ connections });
  flushAnswered(kernel.socket, [{ port: TCP, pod: POD4 }]);
  expect(deleted(kernel)).toEqual([1, 5]);
});

test("flushAnswered() looks for IPv6 in the list when the kernel deletes by filter", () => {
  const connections = [
    tracked({ id: 1, to: "2001:db8::1", answerer: "fd00:1::2" }),
    tracked({ id: 2, to: "2001:db8::1", answerer: "fd00:1::3" }),
    tracked({ id: 3 }),
  ];
  const kernel = kernelOf({ connections, byFilter: ack() });
  flushAnswered(kernel.socket, [
    { port: TCP, pod: POD4 },
    { port: TCP, pod: POD6 },
  ]);
  expect(deleted(kernel)).toEqual([1]);
});

test.for([
  {
    asked: "one port's connections",
    when: "many are tracked",
    count: MANY,
    wanted: { CTA_PROTO_NUM: 6, CTA_PROTO_SRC_PORT: 0, CTA_PROTO_DST_PORT: 8080 },
  },
  { asked: "all connections", when: "few are tracked", count: 1, wanted: undefined },
])("flushAnswered() asks for $asked when $when", (row) => {
  const kernel = kernelOf({ count: row.count });
  flushAnswered(kernel.socket, [{ port: TCP, pod: POD6 }]);
  const dump = kernel.requests.find(({ message }) => message === "IPCTNL_MSG_CT_GET");
  const original = dump !== undefined && "CTA_TUPLE_ORIG" in dump.body ? dump.body.CTA_TUPLE_ORIG : undefined;
  expect(original?.CTA_TUPLE_PROTO).toEqual(row.wanted);
});

test("flushAnswered() asks for no list when nothing is tracked", () => {
  const kernel = kernelOf({});
  flushAnswered(kernel.socket, [{ port: TCP, pod: POD6 }]);
  expect(kernel.names).toEqual(["IPCTNL_MSG_CT_GET_STATS"]);
});

test("flushAnswered() passes when a connection ends before it is deleted", () => {
  const kernel = kernelOf({ connections: [tracked({ id: 1 })], byId: error("ENOENT") });
  flushAnswered(kernel.socket, [{ port: TCP, pod: POD4 }]);
  expect(deleted(kernel)).toEqual([1]);
});

test.for([
  { refused: "deletion by filter", byFilter: error("EPERM"), byId: ack() },
  { refused: "deletion of a connection", byFilter: error("EINVAL"), byId: error("EPERM") },
])("flushAnswered() throws when the kernel refuses $refused", ({ byFilter, byId }) => {
  const kernel = kernelOf({ byFilter, byId, connections: [tracked({ id: 1 })] });
  expect(() => flushAnswered(kernel.socket, [{ port: TCP, pod: POD4 }])).toThrow(
    "IPCTNL_MSG_CT_DELETE: EPERM",
  );
});

test("flushUdp() looks for no addresses of the node when no port is of UDP", () => {
  const kernel = kernelOf({});
  const own = () => {
    throw new Error("addresses were looked for");
  };
  flushUdp(kernel.socket, [{ port: TCP, pod: POD4 }], { own, except: [] });
  expect(kernel.names).toEqual([]);
});

test("flushUdp() deletes what goes to the node's own addresses alone when no filter is known", () => {
  const connections = [
    tracked({ id: 1, protocol: "udp", answerer: "192.0.2.1" }),
    tracked({ id: 2, protocol: "udp", to: "203.0.113.5", answerer: "203.0.113.5" }),
    tracked({ id: 3 }),
  ];
  const kernel = kernelOf({ connections });
  flushUdp(kernel.socket, [{ port: UDP, pod: POD4 }], OF_NODE);
  expect(deleted(kernel)).toEqual([1]);
});

test("flushUdp() asks for the host address of the port alone when it has one", () => {
  const kernel = kernelOf({ byFilter: ack() });
  const port = { ...UDP, hostIp: address("192.0.2.77") };
  flushUdp(kernel.socket, [{ port, pod: POD4 }], OF_NODE);
  const destinations = kernel.requests.map(({ body }) =>
    "CTA_TUPLE_ORIG" in body ? body.CTA_TUPLE_ORIG?.CTA_TUPLE_IP?.CTA_IP_V4_DST : undefined,
  );
  expect(destinations).toEqual([port.hostIp]);
});
