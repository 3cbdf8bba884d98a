/** `podwire trace`: the way of a packet from a pod to an address, hop by hop. */

import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { addressesOf } from "../../attachment/ruleset.ts";
import { requireAttachments } from "../attachment/find.ts";
import { refused, STATUS } from "../failure.ts";
import type { OutputOptions } from "../print.ts";
import { allOptions, type Program } from "../program.ts";
import { Facts } from "./facts.ts";
import { parseDestination, parseService } from "./packet.ts";
import { trace } from "./trace.ts";
import { printWay } from "./view.ts";

const DESCRIPTION = `Follows a packet from a pod to an address, from what the kernel has now: routes,
neighbours, ports and VLANs of bridges, nftables elements and chains, limits.

Each hop is one line: what the kernel does there, and why. At the first one that
stops the packet the reason stands, and below it what mends it. Nothing is sent
and nothing is changed. What cannot be told beforehand is a warning ("!"): a rule
of another program that looks at a mark, for one. Rules within pods are not looked
at, nor is what other hosts do with a packet that leaves this node.

Without an address the way goes to 192.0.2.1, or from a pod without IPv4 to
2001:db8::1: addresses outside, which no route but the default one leads to. The
interface is the one that the pod's own routes choose.`;

const EXAMPLES = `
Examples:
  podwire trace shop/cart-0
      does the pod reach the world?
  podwire trace shop/cart-0 10.244.0.17
      another pod, the gateway, the node, a host outside
  podwire trace cart-0 192.168.1.10 --port 8080/tcp
      through a host port of the node to the pod behind it
  podwire trace 3fd2c fd00::1 --interface eth1
  podwire trace cart-0 --json | jq -r '.hops[] | select(.level == "fault").advice'

Exit status: 0 it gets there, leaves this node, or goes where podwire cannot
look; 1 it is stopped on this node; 2 called with wrong arguments.`;

interface TraceOptions extends OutputOptions {
  readonly interface?: string;
  readonly port?: string;
}

export function addTrace({ command, finish }: Program): void {
  command
    .command("trace <attachment> [address]")
    .summary("follow a packet from a pod to an address")
    .description(DESCRIPTION)
    .option("-i, --interface <name>", "leave the pod by this interface")
    .option("-p, --port <number[/protocol]>", "port at the address: 80, 80/tcp, 53/udp, 7/sctp")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((name: string, address: string | undefined, _options, self) => {
      const options = allOptions<TraceOptions>(self);
      const service = options.port === undefined ? undefined : parseService(options.port);
      const all = requireAttachments(name);
      const records = options.interface === undefined ? all : chosen(all, options.interface);
      const families = records.flatMap(addressesOf).map(({ family }) => family);
      const dst = parseDestination(address, families);
      using facts = new Facts();
      const way = trace({ facts, records, isForced: options.interface !== undefined, dst, service });
      printWay(options, { record: records[0], dst, service, way });
      if (way.outcome === "stopped") finish(STATUS.failed);
    });
}

type Records = readonly [AttachmentRecord, ...AttachmentRecord[]];

function chosen(all: Records, ifname: string): Records {
  const record = all.find((one) => one.ifname === ifname);
  if (record !== undefined) return [record];
  const names = all.map((one) => one.ifname).join(", ");
  throw refused(`the pod has no interface "${ifname}" of podwire's`, `there are: ${names}`);
}
