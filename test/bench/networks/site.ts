/** A node with an uplink and a network by name on it, and one without: podwire is on both. */

import { podwire } from "../contestant.ts";
import { Site } from "../site.ts";

export const POD = "pod";
const CONFIG_DIR = "/etc/cni/net.d/podwire.d";
const SUBNET = "10.10.120.0/24";

/** What the pod on the plain bridge has as well: a gateway on the node's side, addresses, a default route. */
export const PLAIN = {
  cniVersion: "1.0.0",
  name: "bench",
  type: "podwire",
  bridge: "cni0",
  isDefaultGateway: true,
  ipam: { type: "host-local", ranges: [[{ subnet: "10.1.0.0/24" }]] },
};

const ANNOTATIONS = { "diamanti.com/endpoint0": '{"network":"web"}' };
export const BY_NAME = { ...PLAIN, runtimeConfig: { "io.kubernetes.cri.pod-annotations": ANNOTATIONS } };

/** Whom the call by name is held against. */
export const PLAIN_BRIDGE = "plain bridge";

export async function createPlain(): Promise<Site> {
  const site = await Site.create({ ...podwire, name: PLAIN_BRIDGE });
  site.node.addPod(POD);
  return site;
}

/** The uplink leads to an interface of the same node that nobody uses. */
export async function createNamed(): Promise<Site> {
  const site = await Site.create(podwire);
  site.node.addPod(POD);
  site.node.sh(`ip link add eth1 type veth peer name eth1peer
    ip link set eth1 addrgenmode none up
    ip link set eth1peer addrgenmode none up`);
  const range = { subnet: SUBNET, start: "10.10.120.11", end: "10.10.120.100", gateway: "10.10.120.1" };
  put(site, "networks/web.json", {
    name: "web",
    ranges: [range],
    attach: { kind: "bridge", uplink: "eth1" },
  });
  return site;
}

/** Networks and reserved addresses, as many in each. */
export async function createCrowded(networks: number, addresses: number): Promise<Site> {
  const site = await Site.create(podwire);
  const each = addresses / networks;
  site.node.sh(`mkdir -p ${CONFIG_DIR}/networks /var/lib/cni/podwire
    i=0
    while [ $i -lt ${networks} ]; do
      printf '{"name":"n%d","ranges":[{"subnet":"10.%d.0.0/16","start":"10.%d.0.2","end":"10.%d.255.254"}],"attach":{"kind":"bridge","uplink":"eth1"}}' $i $i $i $i >${CONFIG_DIR}/networks/n$i.json
      mkdir /var/lib/cni/podwire/n$i
      seq 2 ${each + 1} | awk -v n=$i '{ f = "/var/lib/cni/podwire/n" n "/10." n "." int($1 / 256) "." $1 % 256; printf "pod%d\\r\\neth0", $1 > f; close(f) }'
      i=$((i + 1))
    done`);
  return site;
}

function put({ node }: Site, path: string, document: object): void {
  const file = `${CONFIG_DIR}/${path}`;
  const done = node.run(["sh", "-ec", `mkdir -p "$(dirname ${file})"; cat >${file}`], {
    input: JSON.stringify(document),
  });
  if (done.exitCode !== 0) throw new Error(`${file}: ${done.stderr}`);
}
