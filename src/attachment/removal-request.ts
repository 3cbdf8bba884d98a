/** Requests that nobody has made: the DEL of an attachment that a person or the node itself wants gone. */

import { noFields } from "../cni/json.ts";
import { decodeNetConf } from "../cni/netconf/netconf.ts";
import type { Request } from "../cni/request.ts";
import { LATEST_VERSION } from "../cni/versions.ts";
import type { Attachment } from "./attachment.ts";

/** As a runtime would make it, from what the attachment's record or mark tells. */
export function removalRequestOf(attachment: Attachment, netns: string, path: readonly string[]): Request {
  const { network, containerId, ifname } = attachment;
  const variables = {
    CNI_COMMAND: "DEL",
    CNI_CONTAINERID: containerId,
    CNI_IFNAME: ifname,
    CNI_NETNS: netns,
    CNI_PATH: path.join(":"),
  };
  return {
    command: "DEL",
    containerId,
    ifname,
    netns,
    args: "",
    path,
    mayUseOwnNetns: false,
    variables,
    cniVersion: LATEST_VERSION,
    network,
    netconf: decodeNetConf(noFields(""), { cniVersion: LATEST_VERSION }),
    stdin: JSON.stringify({ cniVersion: LATEST_VERSION, name: network }),
  };
}
