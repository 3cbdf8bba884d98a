/** `podwire addresses`: how full each pool is, and who has its addresses. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import type { AddressesOptions } from "./run.ts";

export const ADDRESSES: Command<AddressesOptions, [network: string | undefined]> = {
  name: "addresses",
  summary: "how full address pools are, and who holds what",
  description: paragraphs(`Shows how full the address pools of this node are.

A pool is a network of /etc/cni/net.d whose plugin is podwire or another that
takes addresses from host-local's files, or a network by name. TOTAL counts what
can be given out; addresses that endpoints keep count as used. Where no
configuration tells the range, it is "?".

An address is stale where its holder has no record and no interface has it, or
where the holder's network namespace is gone: podwire gc frees it.`),
  arguments: [{ term: "[network]", values: "pools" }],
  options: [
    { flags: "--holders", description: "who has each address" },
    { flags: "--stale", description: "only addresses that nobody alive has" },
    JSON_OPTION,
  ],
  examples: [
    ["podwire addresses"],
    ["podwire addresses web --holders", "who has the addresses of one network"],
    ["podwire addresses --stale", "addresses that nobody alive has"],
    ["podwire addresses --json | jq '.[] | select(.free == 0)'", "pools that are empty"],
  ],
  exitStatus: { 0: "done", 1: "there is no such network", 2: "called with wrong arguments" },
  run: async (call) => (await import("./run.ts")).runAddresses(call),
};
