/** Prints how many milliseconds a process takes for its first choice among the virtual functions below a root: `choose.ts ROOT PF`. */

import { chooseVf } from "../../../src/sriov/choose.ts";
import { listVfAddresses, readPf } from "../../../src/sriov/sysfs.ts";

const [sysfs = "", ifname = ""] = process.argv.slice(2);
const pf = readPf(sysfs, ifname);
if (pf === undefined) throw new Error(`${ifname} is no physical function below ${sysfs}`);
const addresses = listVfAddresses(sysfs, pf);
// All but the last are held: the choice has to look at each.
const held = addresses.slice(0, -1).map((address) => [address, { owner: "a/b/eth0", minMbps: 1 }] as const);

const start = performance.now();
const vf = chooseVf({
  sysfs,
  pfs: [ifname],
  driver: "netdev",
  bind: false,
  minMbps: 0,
  claims: new Map(held),
  isUnused: () => true,
});
const ms = performance.now() - start;
if (vf.pciAddress !== addresses.at(-1)) throw new Error(`${vf.pciAddress} was chosen`);
console.log(ms);
