/** `podwire trace`: the way of a packet from a pod to an address, hop by hop. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import type { TraceOptions } from "./run.ts";

export const TRACE: Command<TraceOptions, [attachment: string, address: string | undefined]> = {
  name: "trace",
  summary: "follow a packet from a pod to an address",
  description: paragraphs(`Follows a packet from a pod to an address by the current state of the kernel:
routes, neighbours, ports and VLANs of bridges, nftables elements and chains, limits.
Nothing is sent and nothing is changed.

Each hop is one line: what the kernel does there, and why. The trace ends at the
first hop that stops the packet, with the reason, and below it what fixes it. What
cannot be known in advance is a warning ("!"): for example a rule of another program
that matches a mark. Rules inside pods are not considered, nor what other hosts do
with a packet that leaves this node.

Without an address the packet goes to 192.0.2.1, or from a pod without IPv4 to
2001:db8::1: outside addresses, which only the default route leads to. The pod's own
routes choose the interface.`),
  arguments: [
    { term: "<attachment>", values: "attachments" },
    { term: "[address]", values: "addresses" },
  ],
  options: [
    {
      flags: "-i, --interface",
      value: "<name>",
      values: "interfaces of pods",
      description: "leave the pod by this interface",
    },
    {
      flags: "-p, --port",
      value: "<number[/protocol]>",
      values: "anything",
      description: "port at the address: 80, 80/tcp, 53/udp, 7/sctp",
    },
    JSON_OPTION,
  ],
  examples: [
    ["podwire trace shop/cart-0", "does the pod reach the world?"],
    ["podwire trace shop/cart-0 10.244.0.17", "another pod, the gateway, the node, a host outside"],
    [
      "podwire trace cart-0 192.168.1.10 --port 8080/tcp",
      "through a host port of the node to the pod behind it",
    ],
    ["podwire trace 3fd2c fd00::1 --interface eth1"],
    [`podwire trace cart-0 --json | jq -r '.hops[] | select(.level == "fault").advice'`],
  ],
  exitStatus: {
    0: "it gets there, leaves this node, or goes where podwire cannot look",
    1: "it is stopped on this node",
    2: "called with wrong arguments",
  },
  run: async (call) => (await import("./run.ts")).runTrace(call),
};
