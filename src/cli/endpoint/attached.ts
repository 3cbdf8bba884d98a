/** Which pod uses an endpoint now. */

import { listRecords } from "../../attachment/record/list.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { readSysctl } from "../../linux/sysctl.ts";
import type { EndpointId } from "../../network/format/endpoint.ts";

/** Where an endpoint is. */
export interface Place {
  readonly containerId: string;
  readonly ifname: string;
  /** Empty where the card chose it. */
  readonly mac: string;
  /** Number of the virtual function; absent where the pod has none. */
  readonly vf?: number;
  /** The interface of the node that its traffic goes through. */
  readonly port: string;
  readonly node: string;
}

/** For each endpoint where it is; undefined where no pod uses it. */
export function findPlaces(endpoints: readonly EndpointId[]): (Place | undefined)[] {
  const node = readSysctl("kernel/hostname") ?? "";
  const places = new Map<string, Place>();
  for (const record of listRecords()) {
    const endpoint = record.named?.endpoint;
    if (endpoint !== undefined) places.set(endpoint, { ...toPlace(record), node });
  }
  return endpoints.map(({ namespace, name }) => places.get(`${namespace}/${name}`));
}

function toPlace({ containerId, ifname, vf, uplink }: AttachmentRecord): Omit<Place, "node"> {
  const mac = vf === undefined ? uplink?.mac : (vf.wanted.mac ?? vf.netdev?.mac);
  return {
    containerId,
    ifname,
    mac: mac ?? "",
    ...(vf === undefined ? {} : { vf: vf.index }),
    port: vf?.pf ?? uplink?.ifname ?? "",
  };
}
