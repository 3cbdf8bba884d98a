/** Names of reference plugins under which podwire may be linked, and whose work it does not do. */

import type { Request } from "../cni/request.ts";
import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";

/** With what podwire has in their place. @see https://www.cni.dev/plugins/current */
const OTHERS: Readonly<Record<string, string>> = {
  ptp: '"type": "podwire" with "mode": "ptp"',
  macvlan: "a network by name with --attach macvlan",
  vlan: "a network by name with a VLAN",
  ipvlan: "",
  "host-device": "a network by name with --attach sriov",
  sriov: "a network by name with --attach sriov",
  dummy: "",
  tap: "",
  "host-local": '"type": "podwire", which has host-local in it',
  static: "",
  dhcp: "",
  portmap: '"type": "podwire" with "capabilities": {"portMappings": true}',
  bandwidth: '"type": "podwire" with "capabilities": {"bandwidth": true}',
  tuning: '"type": "podwire" with "sysctl", "mac", "mtu", "promisc", "allmulti" and "txQLen"',
  firewall: '"type": "podwire" with "ingressPolicy" or "forward"',
  sbr: "",
  vrf: "",
  flannel: "",
};

/** @throws {CniError} 7: the configuration is for another plugin, and would be followed as one for a bridge */
export function refuseOther({ netconf: { type } }: Pick<Request, "netconf">): void {
  if (!Object.hasOwn(OTHERS, type)) return;
  const instead = OTHERS[type];
  const problem = `type: "${type}" is a plugin that podwire does not take the place of`;
  const original = `put the reference's ${type} in CNI_PATH under that name`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    instead === "" ? original : `want ${instead}; or ${original}`,
  );
}
