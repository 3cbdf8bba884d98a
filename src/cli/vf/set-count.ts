/** `podwire vf set-count`: gives a physical function so many virtual ones. */

import { isUnused } from "../../attachment/kinds/sriov/vf-choice.ts";
import { SYSFS } from "../../linux/sysfs.ts";
import { rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { CLAIMS_ROOT, listClaims, lockClaims } from "../../sriov/claims.ts";
import { setNumVfs } from "../../sriov/set-num-vfs.ts";
import { listPfs, type Pf, readPf, readVf } from "../../sriov/sysfs.ts";
import { misused, refused } from "../failure.ts";
import { describePfs } from "../network/fit.ts";
import type { Program } from "../program.ts";

const DESCRIPTION = `Makes virtual functions, or takes them away.

Refused while one of the physical function's VFs is in use: the kernel takes all
of them away before it makes another number. Their settings are gone then. The
number does not outlast a reboot; keep it in a rule of udev or a systemd unit.`;

const EXAMPLES = `
Examples:
  podwire vf set-count ens1f0 8
  podwire vf set-count ens1f0 0
      takes all away

Exit status: 0 done, 1 refused, 2 wrong arguments.`;

export function addSetCount({ command }: Program): void {
  command
    .command("set-count <pf> <number>")
    .summary("give a physical function so many virtual ones")
    .description(DESCRIPTION)
    .addHelpText("after", EXAMPLES)
    .action((ifname: string, text: string) => {
      const count = parseCount(text);
      setCount(requirePf(ifname), count);
      const pf = requirePf(ifname);
      const made = Array.from({ length: pf.numVfs }, (_, index) => readVf(SYSFS, pf, index) ?? []).flat();
      console.log(`${ifname} has ${pf.numVfs} VF${pf.numVfs === 1 ? "" : "s"} of ${pf.totalVfs}`);
      for (const { pciAddress, ifname: vf = "" } of made) console.log(`${pciAddress} ${vf}`.trimEnd());
    });
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
