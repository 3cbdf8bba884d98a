/** An attachment to the configuration's own bridge as its record alone tells of it, for when the runtime is not there to ask. */

import { aliasOf, macsOf } from "../attachment/attachment.ts";
import type { Addressing } from "../attachment/plan/ipam.ts";
import type { AttachmentPlan, BridgePlan } from "../attachment/plan/plan.ts";
import type { AttachmentRecord } from "../attachment/record.ts";
import type { Result } from "../cni/result.ts";
import type { Link } from "../link/link.ts";

/** The two ends of the veth pair as the kernel has them now. */
export interface Ends {
  readonly host: Link | undefined;
  readonly container: Link | undefined;
}

/** What the record does not tell is taken to be as it is. */
export function planRecorded(
  record: AttachmentRecord,
  { host, container }: Ends,
): AttachmentPlan<BridgePlan> {
  const { bridge, hostIfname, ips = [], traffic, forward = false } = record;
  const mac = traffic?.sender ?? container?.mac;
  const config = {
    isGateway: false,
    isDefaultGateway: false,
    mtu: record.mtu,
    disableContainerInterface: ips.length === 0 && container?.isUp === false,
    enabledad: false,
    mac,
    dns: undefined,
  };
  const macs = macsOf(record);
  return {
    attachment: record,
    config,
    addressing: addressingOf(record),
    traffic,
    settings: { sysctls: [], promisc: false, allmulti: false },
    shaping: record.shaping,
    alias: aliasOf(record),
    link: {
      ...config,
      kind: "bridge",
      bridge,
      hostIfname,
      hostMac: macs.host,
      containerMac: mac ?? macs.container,
      forceAddress: false,
      forward,
      hairpinMode: host?.isHairpin ?? false,
      promiscMode: false,
      portIsolation: traffic?.ingressPolicy === "isolated" || (host?.isIsolated ?? false),
    },
  };
}

/** A delegated plugin can only be asked by the runtime, which has its configuration. */
function addressingOf({ addressing }: AttachmentRecord): Addressing {
  if (addressing.kind !== "host-local") return { kind: "none" };
  return { ...addressing, sets: [], requested: [], routes: [], resolvConf: "", keepAcrossReboots: false };
}

/** The result of ADD, as far as the record has it. */
export function resultRecorded(record: AttachmentRecord, { addressing }: AttachmentPlan): Result {
  const { ifname, netns, hostIfname, bridge, uplink, mtu, ips = [] } = record;
  const onHost = [bridge, hostIfname].filter((name) => name !== "").map((name) => ({ name }));
  const own = {
    name: ifname,
    sandbox: netns,
    ...(mtu === 0 ? {} : { mtu }),
    ...(uplink === undefined ? {} : { mac: uplink.mac }),
  };
  return {
    interfaces: [...onHost, own],
    ips: ips.map((address) => ({ address, interface: onHost.length })),
    routes: addressing.kind === "host-local" ? addressing.routes : [],
    dns: {},
  };
}
