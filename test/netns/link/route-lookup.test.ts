/** Lookups of routes as the kernel answers them, held against `ip route get`. */

import { expect, test } from "vitest";
import { evaluateIn, ROUTE, SOCKET } from "../../support/node/in-node.ts";
import { Node } from "../../support/node/node.ts";

const IMPORTS = {
  ...ROUTE,
  "src/link/route-lookup.ts": ["lookUpRoute", "findStoppingRoute"],
  "src/addr/address.ts": ["parseAddress", "formatAddress"],
  "src/addr/prefix.ts": ["formatPrefix"],
};

/** eth0 with networks of both families behind gateways; eth1 is where packets of 10.2.0.5 come in. */
async function routingNode(): Promise<Node> {
  const node = await Node.create();
  node.sh(`for number in 0 1; do
      ip link add eth$number type veth peer name far$number; ip link set eth$number up; ip link set far$number up
    done
    ip address add 10.1.0.1/16 dev eth0; ip address add fd00:1::1/64 dev eth0 nodad
    ip address add 10.2.0.1/16 dev eth1; ip address add fd00:2::1/64 dev eth1 nodad
    ip route add default via 10.1.0.7 mtu 1400; ip -6 route add default via fd00:1::7
    ip route add 10.9.0.0/24 via 10.1.0.9 table 300; ip rule add from 10.2.0.5 table 300
    ip route add blackhole 192.0.2.0/24; ip route add prohibit 192.0.3.0/24; ip route add unreachable 192.0.4.0/24
    ip -6 route add blackhole 2001:db8:2::/48; ip -6 route add prohibit 2001:db8:3::/48
    ip -6 route add unreachable 2001:db8:4::/48
    sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1`);
  return node;
}

interface Question {
  readonly dst: string;
  readonly src?: string;
  readonly iif?: string;
  readonly oif?: string;
}

/** Ours in the words of \`ip -j route get\`. */
function ours(node: Node, { dst, src, iif, oif }: Question) {
  const address = (text: string | undefined) =>
    text === undefined ? "undefined" : `parseAddress("${text}")`;
  const index = (name: string | undefined) =>
    name === undefined ? "undefined" : `getLink(socket, "${name}").ifindex`;
  return evaluateIn(
    node,
    IMPORTS,
    `${SOCKET}
    const question = { dst: ${address(dst)}, src: ${address(src)}, iif: ${index(iif)}, oif: ${index(oif)} };
    const found = lookUpRoute(socket, question);
    const text = (address) => address && formatAddress(address);
    return "errno" in found ? found.errno
      : { ...found, gateway: text(found.gateway), source: text(found.source) };`,
  );
}

function theirs(node: Node, { dst, src, iif, oif }: Question) {
  const options = [
    ["from", src],
    ["iif", iif],
    ["oif", oif],
  ].flatMap(([word, value]) => (value === undefined ? [] : [word, value]));
  const flag = dst.includes(":") ? "-6" : "-4";
  const [route] = node.json(`ip ${flag} -j -d route get ${dst} ${options.join(" ")}`);
  return route;
}

const FOUND: Question[] = [
  { dst: "10.1.0.5" },
  { dst: "8.8.8.8" },
  { dst: "10.1.0.1" },
  { dst: "10.1.255.255" },
  { dst: "224.0.0.5" },
  { dst: "8.8.8.8", oif: "eth1" },
  { dst: "10.9.0.3", src: "10.2.0.5", iif: "eth1" },
  { dst: "10.9.0.3", src: "10.2.0.6", iif: "eth1" },
  { dst: "10.1.0.1", src: "10.2.0.6", iif: "eth1" },
  { dst: "fd00:1::5" },
  { dst: "2001:db8:9::1" },
  { dst: "fd00:1::1" },
  { dst: "ff02::5", oif: "eth1" },
  { dst: "2001:db8:9::1", src: "fd00:2::5", iif: "eth1" },
];

test.for(FOUND)("lookUpRoute() finds what ip route get finds when it is asked %o", async (question) => {
  await using node = await routingNode();
  const [found, route] = [ours(node, question), theirs(node, question)];
  const types = ["unspec", "unicast", "local", "broadcast", "anycast", "multicast"];
  const tables: Record<string, number> = { main: 254, local: 255 };
  expect(node.json(`ip -j link show dev ${route.dev}`)[0].ifindex).toBe(found.ifindex);
  expect({ type: types[found.type], gateway: found.gateway, table: found.table, mtu: found.mtu }).toEqual({
    type: route.type,
    gateway: route.gateway,
    table: tables[route.table] ?? Number(route.table ?? 0),
    mtu: route.metrics?.[0]?.mtu,
  });
  if (question.iif === undefined) expect(found.source).toBe(route.prefsrc);
});

const REFUSED: { question: Question; errno: string }[] = [
  { question: { dst: "192.0.2.1" }, errno: "EINVAL" },
  { question: { dst: "192.0.3.1" }, errno: "EACCES" },
  { question: { dst: "192.0.4.1" }, errno: "EHOSTUNREACH" },
  { question: { dst: "2001:db8:2::1" }, errno: "EINVAL" },
  { question: { dst: "2001:db8:3::1" }, errno: "EACCES" },
  { question: { dst: "2001:db8:4::1" }, errno: "EHOSTUNREACH" },
  { question: { dst: "192.0.3.1", src: "10.2.0.6", iif: "eth1" }, errno: "EACCES" },
];

test.for(REFUSED)(
  "lookUpRoute() gives $errno as ip route get does when it is asked $question",
  async (row) => {
    await using node = await routingNode();
    expect(ours(node, row.question)).toBe(row.errno);
    expect(() => theirs(node, row.question)).toThrow();
  },
);

const CHANGED = [
  { name: "no route", script: "ip route del default", question: { dst: "8.8.8.8" }, errno: "ENETUNREACH" },
  {
    name: "no IPv6 route",
    script: "ip -6 route del default",
    question: { dst: "2001:db8:9::1" },
    errno: "ENETUNREACH",
  },
  {
    name: "no forwarding",
    script: "sysctl -qw net.ipv4.ip_forward=0",
    question: { dst: "8.8.8.8", src: "10.2.0.6", iif: "eth1" },
    errno: "EHOSTUNREACH",
  },
  {
    name: "a reverse path filter",
    script: "sysctl -qw net.ipv4.conf.eth1.rp_filter=1",
    question: { dst: "8.8.8.8", src: "10.1.0.6", iif: "eth1" },
    errno: expect.stringMatching(/^(EXDEV|EINVAL)$/), // 6.1 says the first, 6.18 the second
  },
];

test.for(CHANGED)("lookUpRoute() refuses when there is $name", async ({ script, question, errno }) => {
  await using node = await routingNode();
  expect(ours(node, question)).toMatchObject({ type: 1 });
  node.sh(script);
  expect(ours(node, question)).toEqual(errno);
});

const STOPPING = [
  ["192.0.2.77", { type: "blackhole", dst: "192.0.2.0/24", table: 254 }],
  ["2001:db8:3::9", { type: "prohibit", dst: "2001:db8:3::/48", table: 254 }],
  ["192.0.4.1", { type: "unreachable", dst: "192.0.4.0/25", table: 254 }],
  ["10.1.0.5", null],
] as const;

test.for(STOPPING)(
  "findStoppingRoute() finds the narrowest route when it is asked for %s",
  async ([address, wanted]) => {
    await using node = await routingNode();
    node.sh("ip route add unreachable 192.0.4.0/25");
    const body = `${SOCKET} const found = findStoppingRoute(socket, parseAddress("${address}"));
    return found && { ...found, dst: formatPrefix(found.dst) };`;
    expect(evaluateIn(node, IMPORTS, body)).toEqual(wanted);
  },
);
