/** The record of an attachment, from its plan and what was chosen for it. */

import { prefixContains } from "../../addr/prefix.ts";
import type { PodName } from "../../cni/arguments.ts";
import type { Result } from "../../cni/result.ts";
import type { LinkRecord } from "../kinds/driver.ts";
import type { Addressing } from "../plan/ipam.ts";
import type { AttachmentPlan } from "../plan/plan.ts";
import type { PodAddressing } from "../plan/pod-addressing.ts";
import type { AttachmentRecord, RecordedAddressing, RecordedNetwork } from "./record.ts";

/** What a plan does not tell. */
export interface Circumstances {
  readonly pod: PodName | undefined;
  /** Path of the container's network namespace. */
  readonly netns: string;
  /** Bytes; undefined: that of the physical function. */
  readonly mtu: number | undefined;
  /** The configuration, for a delegated address plugin. */
  readonly stdin: string;
  /** Undefined where a delegated plugin has not given them yet. */
  readonly addressing: PodAddressing | undefined;
  readonly link: LinkRecord;
  /** The names of all interfaces of the same ADD, the runtime's first. */
  readonly ifnames: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
}

export function toRecord(plan: AttachmentPlan, given: Circumstances): AttachmentRecord {
  const { attachment, traffic, shaping, resolved } = plan;
  const { pod, netns, mtu, addressing, link, ifnames, createdAt } = given;
  return {
    ...attachment,
    ...link,
    ...(pod === undefined ? {} : { pod }),
    netns,
    ...(mtu === undefined ? {} : { mtu }),
    addressing: recordedAddressing(plan.addressing, given.stdin),
    ...(addressing === undefined ? {} : recordedAddresses(addressing)),
    ...(traffic === undefined ? {} : { traffic }),
    ...(shaping === undefined ? {} : { shaping }),
    ...(resolved === undefined ? {} : { named: recordedNetwork(resolved) }),
    ...siblingsOf(attachment.ifname, ifnames),
    createdAt,
  };
}

/** The members of a record that tell of the pod's addresses. */
export function recordedAddresses({
  ips,
  routes,
}: PodAddressing): Pick<AttachmentRecord, "ips" | "gateways" | "routes"> {
  return {
    ips: ips.map(({ address }) => address),
    gateways: ips.flatMap(({ gateway }) => gateway ?? []),
    routes,
  };
}

function recordedAddressing(addressing: Addressing, netconf: string): RecordedAddressing {
  if (addressing.kind === "none") return addressing;
  if (addressing.kind === "delegate") return { ...addressing, netconf };
  return { kind: "host-local", dataDir: addressing.dataDir, network: addressing.network };
}

function recordedNetwork({
  network,
  tier,
  endpoint,
}: NonNullable<AttachmentPlan["resolved"]>): RecordedNetwork {
  return {
    name: network.name,
    tier: tier.name,
    ...(endpoint === undefined ? {} : { endpoint: `${endpoint.namespace}/${endpoint.name}` }),
  };
}

/** The first interface names the others, and those name the first. */
function siblingsOf(
  ifname: string,
  [first = ifname, ...others]: readonly string[],
): Pick<AttachmentRecord, "companions" | "primary"> {
  if (ifname !== first) return { primary: first };
  return others.length === 0 ? {} : { companions: others };
}

/** The result of the ADD, as far as the record has it. */
export function resultOf(record: AttachmentRecord): Result {
  const { ifname, netns, hostIfname, bridge, uplink, mtu, ips = [], gateways = [], routes = [] } = record;
  const onHost = [bridge, hostIfname].flatMap((name) => (name === undefined ? [] : [{ name }]));
  const mac = record.interface?.mac ?? uplink?.mac;
  const own = {
    name: ifname,
    sandbox: netns,
    ...(mtu === undefined ? {} : { mtu }),
    ...(mac === undefined ? {} : { mac }),
  };
  return {
    interfaces: [...onHost, own],
    ips: ips.map((address) => {
      const gateway = gateways.find((candidate) => prefixContains(address, candidate));
      return { address, interface: onHost.length, ...(gateway === undefined ? {} : { gateway }) };
    }),
    routes,
    dns: {},
  };
}
