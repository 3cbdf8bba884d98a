/** Which pod uses an endpoint now. */

import { type Address, formatAddress } from "../../addr/address.ts";
import { macsOf } from "../../attachment/attachment.ts";
import { type AttachmentRecord, listNetworks, listRecords } from "../../attachment/record.ts";
import { parseOwner } from "../../ipam/owner.ts";
import { readTextFileIfAny } from "../../linux/file.ts";
import { readSysctl } from "../../linux/sysctl.ts";
import type { Endpoint } from "../../network/model.ts";
import { POOL_DIR } from "../../network/usage.ts";

/** Where an endpoint is. */
export interface Place {
  readonly containerId: string;
  readonly mac: string;
  /** The interface of the node that its traffic goes through; empty where the record does not say. */
  readonly port: string;
  readonly node: string;
}

/** For each endpoint where it is; undefined where no pod uses it. */
export function findPlaces(endpoints: readonly Endpoint[]): (Place | undefined)[] {
  const records = listNetworks().flatMap(listRecords);
  const node = readSysctl("kernel/hostname") ?? "";
  return endpoints.map((endpoint) => {
    const owner = ownerOf(endpoint);
    if (owner === undefined) return undefined;
    const { containerId, ifname } = owner;
    const record = records.find((one) => one.containerId === containerId && one.ifname === ifname);
    return { containerId, node, ...describe(record) };
  });
}

function describe(record: AttachmentRecord | undefined): Pick<Place, "mac" | "port"> {
  return record === undefined
    ? { mac: "", port: "" }
    : { mac: macsOf(record).container, port: record.hostIfname };
}

/** Who has reserved its addresses: a pod of an endpoint reserves them as any other pod does. */
function ownerOf({ network, addresses }: Endpoint) {
  for (const address of addresses) {
    const owner = parseOwner(readReservation(network, address));
    if (owner !== undefined) return owner;
  }
  return undefined;
}

function readReservation(network: string, address: Address): string {
  return readTextFileIfAny(`${POOL_DIR}/${network}/${formatAddress(address)}`) ?? "";
}
