/** Nodes of a cluster on links of their own: `lan` 192.168.1.0/24 and `far` 192.168.2.0/24, with a router between them. */

import { Agent } from "../node/agent.ts";
import { createBareNode } from "../node/install.ts";
import { Node } from "../node/node.ts";

export type LinkName = "lan" | "far";

/** A node as its file in the cluster says it. */
export interface NodeDocument {
  readonly addresses: readonly string[];
  readonly ranges: readonly string[];
  readonly mtu?: number;
}

export interface Member {
  readonly name: string;
  readonly node: Node;
  readonly document: NodeDocument;
}

const NETWORK = { lan: 1, far: 2 } as const;

export class ClusterBed {
  readonly #router: Node;
  readonly members: Member[] = [];

  private constructor(router: Node) {
    this.#router = router;
  }

  static async create(): Promise<ClusterBed> {
    const router = await Node.create();
    for (const link of ["lan", "far"] as const)
      router.sh(`ip link add ${link} type bridge
        ip link set ${link} up
        ip address add 192.168.${NETWORK[link]}.254/24 dev ${link}
        ip address add fd99:${NETWORK[link]}::fe/64 dev ${link} nodad`);
    router.sh("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
    return new ClusterBed(router);
  }

  /** `nodeN` is 192.168.1.1N with 10.244.N.0/24 and fd00:10:244:N::/64; on the far link 192.168.2.1N. */
  async join(link: LinkName = "lan", mtu = 1500): Promise<Member> {
    const number = this.members.length + 1;
    const node = await createBareNode();
    const [ipv4, ipv6] = [`192.168.${NETWORK[link]}.1${number}`, `fd99:${NETWORK[link]}::1${number}`];
    this.#router.sh(`ip link add port${number} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${node.pid}
      ip link set port${number} master ${link} up`);
    node.sh(`ip address add ${ipv4}/24 dev eth0
      ip address add ${ipv6}/64 dev eth0 nodad
      ip link set eth0 up
      ip route add default via 192.168.${NETWORK[link]}.254
      ip -6 route add default via fd99:${NETWORK[link]}::fe`);
    const ranges = [`10.244.${number}.0/24`, `fd00:10:244:${number}::/64`];
    const member = { name: `node${number}`, node, document: { addresses: [ipv4, ipv6], ranges } };
    this.members.push(member);
    return member;
  }

  /** What passes between the links, and from the nodes to what is beyond them. */
  get router(): Node {
    return this.#router;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { node } of this.members) await node[Symbol.asyncDispose]();
    await this.#router[Symbol.asyncDispose]();
  }
}

const NODES = "/etc/cni/net.d/podwire.d/nodes";

/** Writes a node's file on a node, as a configuration management does. */
export function putNode({ node }: Member, { name, document }: Pick<Member, "name" | "document">): void {
  const path = `${NODES}/${name}.json`;
  node.sh(`mkdir -p ${NODES}
    cat > ${NODES}/.draft.new <<'EOF'
${JSON.stringify(document)}
EOF
    mv ${NODES}/.draft.new ${path}`);
}

export function removeNode({ node }: Member, name: string): void {
  node.sh(`rm ${NODES}/${name}.json`);
}

/** Tells every node of every other. */
export function introduce(members: readonly Member[]): void {
  for (const member of members) for (const other of members) putNode(member, other);
}

const CONFIG = "/run/etc/agent.json";

/** Writes the agent's configuration; one that runs follows it. */
export function configure({ node }: Member, cluster: object): void {
  node.sh(`mkdir -p /run/etc
    cat > /run/etc/.draft.new <<'EOF'
${JSON.stringify({ cluster: { nodes: "files", ...cluster } })}
EOF
    mv /run/etc/.draft.new ${CONFIG}`);
}

/** The agent of a node in a cluster by files; returns once pods can be started. */
export async function joinCluster(
  member: Member,
  cluster: object = {},
  ...options: string[]
): Promise<Agent> {
  configure(member, cluster);
  const agent = await startAgent(member, ...options);
  await agent.said(({ msg }) => msg === "ready for pods");
  return agent;
}

/** The same by the configuration that is there, whether pods can be started or not. */
export function startAgent({ node, name }: Member, ...options: string[]): Promise<Agent> {
  return Agent.start(node, "--config", CONFIG, "--node-name", name, ...options);
}

/** Starts a pod by the list that the agent wrote. @returns its addresses, without prefix lengths */
export function startPod({ node }: Member, name: string): string[] {
  const netns = node.addPod(name);
  const list = JSON.parse(node.sh("cat /etc/cni/net.d/10-podwire.conflist"));
  const [plugin] = list.plugins;
  const conf = { cniVersion: list.cniVersion, name: list.name, ...plugin };
  const { exitCode, json, stdout } = node.cni({
    command: "ADD",
    conf,
    containerId: name,
    netns,
    ifname: "eth0",
  });
  if (exitCode !== 0) throw new Error(stdout);
  return json.ips.map(({ address }: { address: string }) => address.replace(/\/.*/, ""));
}
