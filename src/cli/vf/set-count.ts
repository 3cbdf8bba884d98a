/** `podwire vf set-count`: gives a physical function so many virtual ones. */

import { isUnused } from "../../attachment/kinds/sriov/vf-choice.ts";
import { SYSFS } from "../../linux/sysfs.ts";
import { rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { CLAIMS_ROOT, listClaims, lockClaims } from "../../sriov/claims.ts";
import { setNumVfs } from "../../sriov/set-num-vfs.ts";
import { listPfs, type Pf, readPf, readVf } from "../../sriov/sysfs.ts";
import type { Call } from "../command.ts";
import { misused, refused } from "../failure.ts";
import { describePfs } from "../network/fit.ts";

export function setVfCount({ args: [ifname, text] }: Call<object, [pf: string, number: string]>): void {
  const count = parseCount(text);
  setCount(requirePf(ifname), count);
  const pf = requirePf(ifname);
  const made = Array.from({ length: pf.numVfs }, (_, index) => readVf(SYSFS, pf, index) ?? []).flat();
  console.log(`${ifname} has ${pf.numVfs} VF${pf.numVfs === 1 ? "" : "s"} of ${pf.totalVfs}`);
  for (const { pciAddress, ifname: vf = "" } of made) console.log(`${pciAddress} ${vf}`.trimEnd());
}

function parseCount(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw misused(`number "${text}": want a whole number`, "0 takes all VFs away");
}

function requirePf(ifname: string): Pf {
  const pf = readPf(SYSFS, ifname);
  if (pf !== undefined) return pf;
  throw refused(`${ifname}: this node has no such physical function`, describePfs(listPfs(SYSFS)));
}

function setCount(pf: Pf, count: number): void {
  using socket = NetlinkSocket.open(rtnetlink);
  using _lock = lockClaims(CLAIMS_ROOT);
  setNumVfs({
    sysfs: SYSFS,
    pf,
    count,
    claims: listClaims(CLAIMS_ROOT),
    isUnused: (ifname) => isUnused(socket, ifname),
  });
}
