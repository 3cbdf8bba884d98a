/** DEL where the configuration does not lead to the attachment: by the one record that the node has of it. */

import { prefixContains } from "../addr/prefix.ts";
import type { Environment } from "../cni/environment.ts";
import type { Request } from "../cni/request.ts";
import { CniError } from "../error/cni-error.ts";
import type { Attachment } from "./attachment.ts";
import { openSockets, removeAttachment } from "./del.ts";
import type { Output } from "./output.ts";
import { listRecorded } from "./record/list.ts";
import { isKnownNetwork, readRecord } from "./record/store.ts";
import { factsOfCall, silent } from "./removal.ts";

/**
 * DEL with a configuration that cannot be used.
 * @param network as the configuration names it; undefined where that cannot be read
 * @throws {CniError} the fault, with what to do: no network has such a record, or several have. {@link IncompleteRemoval}
 */
export function delByRecord(
  call: Environment,
  network: string | undefined,
  fault: CniError,
  output: Output,
): void {
  const all = listRecorded(call);
  const isNamed = network !== undefined && isKnownNetwork(network);
  const candidates = isNamed ? all.filter((each) => each.network === network) : all;
  const [recorded, ...others] = candidates;
  if (recorded === undefined || others.length > 0) throw withWayOut(fault, call, candidates);
  const reason = [fault.message, fault.details].filter((part) => part !== "").join("; ");
  remove(recorded, call, `configuration cannot be used: ${reason}`, output);
}

/**
 * The second half of a DEL that found no record: the network may have got another name since ADD. It is the same one
 * where its ranges have the pod's address; else the runtime takes back an ADD that another network's attachment has refused.
 */
export function delRenamed(request: Request, output: Output): void {
  const { network } = request;
  if (isKnownNetwork(network)) return;
  const [recorded, ...others] = listRecorded(request);
  if (recorded === undefined || others.length > 0 || !isInRanges(recorded, request)) return;
  remove(recorded, request, `network "${network}" has no record on this node`, output);
}

function isInRanges(recorded: Attachment, { netconf }: Request): boolean {
  const subnets = silent(() => netconf.hostLocal.ranges.flat().map(({ subnet }) => subnet), []);
  const ips = readRecord(recorded)?.ips ?? [];
  return ips.some(({ address }) => subnets.some((subnet) => prefixContains(subnet, address)));
}

function remove(recorded: Attachment, call: Environment, reason: string, output: Output): void {
  const { network, containerId, ifname } = recorded;
  using sockets = openSockets(output);
  output.report(`${reason}; removing by the record of ${containerId} ${ifname} on network "${network}"`);
  removeAttachment(recorded, factsOfCall(call, recorded), sockets);
}

function withWayOut(fault: CniError, call: Environment, candidates: readonly Attachment[]): CniError {
  const what = `record of ${call.containerId} ${call.ifname}`;
  const names = candidates
    .map(({ network }) => network)
    .sort()
    .join(", ");
  const way =
    candidates.length === 0
      ? `there is no ${what} on this node: call DEL with the configuration of its ADD`
      : `networks ${names} have a ${what}: want "name" to be one of them`;
  const details = fault.details === "" ? way : `${fault.details}; ${way}`;
  return new CniError(fault.code, fault.message, details, { cause: fault });
}
