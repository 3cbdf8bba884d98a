/** The functions of this node, with who holds them. */

import { describeAttachment } from "../../attachment/attachment.ts";
import { listRecords } from "../../attachment/record/list.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { type Link, listLinks } from "../../link/link.ts";
import { SYSFS } from "../../linux/sysfs.ts";
import { type RouteSocket, rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { CLAIMS_ROOT, listClaims, type VfClaim } from "../../sriov/claims.ts";
import { listVfSettings } from "../../sriov/read-vf-settings.ts";
import { listPfs, type Pf, readVf, type Vf } from "../../sriov/sysfs.ts";
import { RESET, type VfSettings } from "../../sriov/vf-settings.ts";

/** A physical function with its virtual ones. */
export interface ListedPf {
  readonly pf: Pf;
  readonly isUp: boolean;
  readonly vfs: readonly ListedVf[];
}

/** A virtual function with what is not in sysfs. */
export interface ListedVf {
  readonly vf: Vf;
  /** Undefined where the card shows none. */
  readonly settings: VfSettings | undefined;
  /** Given by the physical function, else that of its interface; empty where that is out of sight. */
  readonly mac: string;
  /** Undefined where nobody holds it. */
  readonly claim: VfClaim | undefined;
  /** Time of the ADD that took it, ISO 8601; undefined where there is no record. */
  readonly since: string | undefined;
}

interface Sight {
  readonly socket: RouteSocket;
  readonly links: ReadonlyMap<string, Link>;
  readonly claims: ReadonlyMap<string, VfClaim>;
  /** By attachment. */
  readonly records: ReadonlyMap<string, AttachmentRecord>;
}

export function listFunctions(): ListedPf[] {
  using socket = NetlinkSocket.open(rtnetlink);
  const links = new Map(listLinks(socket).map((link) => [link.ifname, link]));
  const sight = { socket, links, claims: listClaims(CLAIMS_ROOT), records: recordsByOwner() };
  return listPfs(SYSFS).map((pf) => ({
    pf,
    isUp: links.get(pf.ifname)?.isUp ?? false,
    vfs: listVfs(pf, sight),
  }));
}

function listVfs(pf: Pf, sight: Sight): ListedVf[] {
  const settings = listVfSettings(sight.socket, pf.ifname);
  const vfs = Array.from({ length: pf.numVfs }, (_, index) => readVf(SYSFS, pf, index) ?? []).flat();
  return vfs.map((vf) => toListed(vf, settings[vf.index], sight));
}

function toListed(vf: Vf, settings: VfSettings | undefined, { links, claims, records }: Sight): ListedVf {
  const claim = claims.get(vf.pciAddress);
  const record = claim && records.get(claim.owner);
  const given = settings === undefined || settings.mac === RESET.mac ? undefined : settings.mac;
  const own = vf.ifname === undefined ? record?.vf?.netdev?.mac : links.get(vf.ifname)?.mac;
  return {
    vf,
    settings,
    mac: given ?? own ?? "",
    claim,
    since: record?.createdAt,
  };
}

function recordsByOwner(): Map<string, AttachmentRecord> {
  const records = listRecords();
  return new Map(records.map((record) => [describeAttachment(record), record]));
}
