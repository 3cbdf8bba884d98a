/** Attachments whose records of version 1 are kept beside this file: what each was asked for. */

import { createNode, succeed } from "../../support/node/commands.ts";
import { Node } from "../../support/node/node.ts";
import { attach, DUAL_STACK } from "../../support/pod/attachment.ts";

export interface RecordCase {
  /** Of the directory below `version1`. */
  readonly name: string;
  create(): Promise<Node>;
  add(node: Node): void;
}

const ARGS = "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart-0;K8S_POD_UID=u-1";
const PORTS = [
  { hostPort: 8080, containerPort: 80, protocol: "tcp" },
  { hostPort: 53, containerPort: 53, protocol: "udp", hostIP: "127.0.0.1" },
];
const RATES = { ingressRate: 8_000_000, egressRate: 16_000_000, egressBurst: 4_000_000 };

/** A node with networks by name, on a bridge and by macvlan, and a tier. */
async function networkNode(): Promise<Node> {
  const node = await createNode();
  succeed(node, "perf-tier create gold -i 0 -b 10M -B 20M");
  succeed(
    node,
    "network create lan -s 10.9.1.0/24 --start 10.9.1.10 --end 10.9.1.20 -g 10.9.1.1 --attach bridge --uplink eth1",
  );
  succeed(
    node,
    "network create mac -s 10.9.2.0/24 --start 10.9.2.10 --end 10.9.2.20 --attach macvlan --uplink eth2",
  );
  return node;
}

/** Directory of the address plugin of {@link delegateNode}. */
const PLUGINS = "/run/plugins";
export const DELEGATES = { CNI_PATH: PLUGINS };

/** A node with an address plugin that always gives the same address. */
async function delegateNode(): Promise<Node> {
  const node = await Node.create();
  const answer = '{"cniVersion":"1.1.0","ips":[{"address":"10.1.0.9/16","gateway":"10.1.0.1"}]}';
  node.sh(`mkdir -p ${PLUGINS}
    printf '#!/bin/sh\\ncat > /dev/null\\n[ $CNI_COMMAND != ADD ] || echo '"'"'${answer}'"'"'\\n' > ${PLUGINS}/fixed
    chmod +x ${PLUGINS}/fixed`);
  return node;
}

const ANNOTATIONS = {
  "diamanti.com/endpoint0": '{"network": "lan", "perfTier": "gold"}',
  "diamanti.com/endpoint1": '{"network": "mac"}',
};

export const CASES: readonly RecordCase[] = [
  { name: "plain", create: () => Node.create(), add: (node) => void attach(node) },
  {
    name: "full",
    create: () => Node.create(),
    add: (node) =>
      attach(node, {
        args: ARGS,
        conf: {
          isDefaultGateway: true,
          ipMasq: true,
          ipMasqExclude: ["10.96.0.0/12", "fd00:96::/112"],
          ipMasqFullyRandom: false, // as records of version 1 have it
          macspoofchk: true,
          ingressPolicy: "same-bridge",
          hairpinMode: true,
          forward: true,
          ipam: DUAL_STACK,
          runtimeConfig: { portMappings: PORTS, bandwidth: RATES },
        },
      }),
  },
  { name: "layer-2", create: () => Node.create(), add: (node) => attach(node, { conf: { ipam: {} } }) },
  {
    name: "delegate",
    create: delegateNode,
    add: (node) => void attach(node, { env: DELEGATES, conf: { ipam: { type: "fixed" } } }),
  },
  {
    name: "networks",
    create: networkNode,
    add: (node) =>
      attach(node, { conf: { runtimeConfig: { "io.kubernetes.cri.pod-annotations": ANNOTATIONS } } }),
  },
];
