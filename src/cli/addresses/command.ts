/** `podwire addresses`: usage of each address pool, and who holds its addresses. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import type { AddressesOptions } from "./run.ts";

export const ADDRESSES: Command<AddressesOptions, [network: string | undefined]> = {
  name: "addresses",
  summary: "show usage and holders of address pools",
  description: paragraphs(`Shows how many addresses of each pool of this node are in use.

A pool is a network by name, or a network of /etc/cni/net.d whose plugin takes
addresses from host-local's files: podwire's or another. TOTAL counts the addresses
that pods can get; addresses that endpoints keep count as used. If no configuration
names the range, TOTAL is "?".

An address is stale if its holder has no record and no interface has it, or if the
holder's network namespace is gone: podwire gc frees it.`),
  arguments: [{ term: "[network]", values: "pools" }],
  options: [
    { flags: "--holders", description: "the holder of each address" },
    { flags: "--stale", description: "only stale addresses" },
    JSON_OPTION,
  ],
  examples: [
    ["podwire addresses"],
    ["podwire addresses web --holders", "who holds the addresses of one network"],
    ["podwire addresses --stale", "addresses of dead pods"],
    ["podwire addresses --json | jq '.[] | select(.free == 0)'", "pools without a free address"],
  ],
  exitStatus: { 0: "done", 1: "there is no such network", 2: "called with wrong arguments" },
  run: async (call) => (await import("./run.ts")).runAddresses(call),
};
