/** Neighbours and MAC addresses behind ports, held against `ip neighbour` and `bridge fdb`. */

import { expect, test } from "vitest";
import { evaluateIn, ROUTE, SOCKET } from "../../support/node/in-node.ts";
import { Node } from "../../support/node/node.ts";

const IMPORTS = {
  ...ROUTE,
  "src/link/neighbour.ts": ["getNeighbour", "listFdb"],
  "src/link/bridge-port.ts": ["portStateOf", "callsFilter"],
  "src/addr/address.ts": ["parseAddress"],
};

/** A bridge with one port, which is up, and behind it a pod with 10.1.0.2 and fd00::2. */
async function bridgeNode(): Promise<Node> {
  const node = await Node.create();
  node.addPod("c1");
  node.sh(`ip link add br0 type bridge; ip link set br0 up
    ip address add 10.1.0.1/16 dev br0; ip address add fd00::1/64 dev br0 nodad
    ip link add v0 master br0 type veth peer name eth0 address 02:00:00:00:00:02 netns c1; ip link set v0 up
    ip -n c1 address add 10.1.0.2/16 dev eth0; ip -n c1 address add fd00::2/64 dev eth0 nodad
    ip -n c1 link set eth0 up
    until [ "$(cat /sys/class/net/v0/operstate)" = up ]; do sleep 0.01; done`);
  return node;
}

function neighbourOf(node: Node, address: string) {
  const body = `${SOCKET} return getNeighbour(socket, getLink(socket, "br0").ifindex, parseAddress("${address}"));`;
  return evaluateIn(node, IMPORTS, body);
}

/** The state of one as ip-neighbour(8) shows it. */
function shownState(node: Node, address: string): string | undefined {
  const shown: { dst: string; state: string[] }[] = node.json("ip -j neighbour show nud all dev br0");
  return shown.find(({ dst }) => dst === address)?.state[0];
}

test.for(["10.1.0.2", "fd00::2"])(
  "getNeighbour() gives what ip neighbour shows when %s has answered",
  async (address) => {
    await using node = await bridgeNode();
    expect(neighbourOf(node, address)).toBeNull();
    node.sh(`ping -c1 -W5 ${address}`);
    const state = shownState(node, address);
    expect(neighbourOf(node, address)).toEqual({ mac: "02:00:00:00:00:02", state });
  },
);

/** Those that stay for a while. */
const STATES = ["permanent", "noarp", "reachable", "stale", "failed"];

test.for(STATES)("getNeighbour() names the state when it is %s", async (state) => {
  await using node = await bridgeNode();
  const lladdr = state === "failed" ? "" : "lladdr 02:00:00:00:00:09";
  node.sh(`ip neighbour add 10.1.0.9 ${lladdr} nud ${state} dev br0`);
  const mac = lladdr === "" ? "" : "02:00:00:00:00:09";
  expect(shownState(node, "10.1.0.9")).toBe(state.toUpperCase());
  expect(neighbourOf(node, "10.1.0.9")).toEqual({ mac, state: state.toUpperCase() });
});

test("listFdb() gives what bridge fdb shows of the bridge when ports have learned", async () => {
  await using node = await bridgeNode();
  node.sh("ping -c1 -W5 10.1.0.2; bridge fdb add 02:00:00:00:00:09 dev v0 master static");
  node.sh("ip link add br1 type bridge; ip link add v1 master br1 type veth peer name w1");
  const fdb = evaluateIn(node, IMPORTS, `${SOCKET} return listFdb(socket, getLink(socket, "br0").ifindex);`);
  const links: { ifindex: number; ifname: string }[] = node.json("ip -j link show");
  const shown: { mac: string; ifname: string; master?: string; state: string }[] =
    node.json("bridge -j fdb show br br0");
  const wanted = shown
    .filter(({ master }) => master === "br0")
    .map((entry) => ({
      mac: entry.mac,
      ifindex: links.find(({ ifname }) => ifname === entry.ifname)?.ifindex,
      vlan: 0,
      isLocal: entry.state === "permanent",
    }));
  expect(wanted.map(({ mac }) => mac)).toEqual(
    expect.arrayContaining(["02:00:00:00:00:02", "02:00:00:00:00:09"]),
  );
  expect(fdb).toEqual(wanted);
});

test.for(["disabled", "listening", "learning", "forwarding"])(
  "portStateOf() gives what bridge link shows when the port is %s",
  async (state) => {
    await using node = await bridgeNode();
    const number = ["disabled", "listening", "learning", "forwarding"].indexOf(state);
    node.sh(`bridge link set dev v0 state ${number}`);
    expect(node.json("bridge -j link show dev v0")[0].state).toBe(state);
    expect(
      evaluateIn(node, IMPORTS, `${SOCKET} return portStateOf(socket, getLink(socket, "v0").ifindex);`),
    ).toBe(state);
  },
);

test("portStateOf() gives nothing when the interface is no port", async () => {
  await using node = await bridgeNode();
  expect(
    evaluateIn(node, IMPORTS, `${SOCKET} return portStateOf(socket, getLink(socket, "br0").ifindex);`),
  ).toBeNull();
});

const CALLS = [
  { name: "nobody asks for it", script: "", wanted: [false, false] },
  {
    name: "the node does for IPv4",
    script: "sysctl -qw net.bridge.bridge-nf-call-iptables=1",
    wanted: [true, false],
  },
  {
    name: "the node does for IPv6",
    script: "sysctl -qw net.bridge.bridge-nf-call-ip6tables=1",
    wanted: [false, true],
  },
  {
    name: "the bridge does for IPv6",
    script: "ip link set br0 type bridge nf_call_ip6tables 1",
    wanted: [false, true],
  },
];

test.for(CALLS)(
  "callsFilter() says whether frames pass the filter when $name",
  async ({ script, wanted }) => {
    await using node = await bridgeNode();
    node.sh(
      `sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0; ${script}`,
    );
    const body = `return [callsFilter("br0", 4), callsFilter("br0", 6)];`;
    expect(evaluateIn(node, IMPORTS, body)).toEqual(wanted);
  },
);
