/** What the pods of a plain node do without, so that their calls do not load it: networks by name, GC, STATUS. */

// What the command line shares with plugin calls stands here too: the bundler makes a file for each set of entries that
// share a module, and every file that a plugin call reads costs it as much as 40 µs.
export { decodeRequest } from "../cni/request.ts";
export { freeEarlierBoots } from "../ipam/boot.ts";
export { check } from "./check.ts";
export { chooseAgain, chooseNetworks } from "./choice.ts";
export { gc } from "./gc.ts";
export { listClaimants, listUnrecorded, releaseHoldings, releaseUnrecorded } from "./holdings.ts";
export { writeJournal } from "./journal.ts";
export { decodeLog } from "./log.ts";
export { namedParts } from "./named-parts.ts";
export { keptBy, requireThere } from "./named-pool.ts";
export { planNamed } from "./plan-named.ts";
export { status } from "./status.ts";
export { checkNamed } from "./status-named.ts";
export { announceAddresses } from "./steps/announce-addresses.ts";
export { configureVf } from "./steps/configure-vf.ts";
export { createMacvlan } from "./steps/create-macvlan.ts";
export { joinUplink } from "./steps/join-uplink.ts";
export { moveVf } from "./steps/move-vf.ts";
export { shapeUplink } from "./steps/shape-uplink.ts";
export { sweepNode } from "./sweep.ts";
export { claimVf } from "./vf-claim.ts";
