/** Networks by name: what calls on nodes without any do not load. */

export { chooseAgain, chooseNetworks } from "./choice.ts";
export { listUnrecorded, releaseHoldings, releaseUnrecorded } from "./holdings.ts";
export { keptBy, requireThere } from "./named-pool.ts";
export { planNamed } from "./plan-named.ts";
export { checkNamed } from "./status-named.ts";
export { announceAddresses } from "./steps/announce-addresses.ts";
export { configureVf } from "./steps/configure-vf.ts";
export { createMacvlan } from "./steps/create-macvlan.ts";
export { joinUplink } from "./steps/join-uplink.ts";
export { moveVf } from "./steps/move-vf.ts";
export { shapeUplink } from "./steps/shape-uplink.ts";
export { sweepNode } from "./sweep.ts";
export { claimVf } from "./vf-claim.ts";
