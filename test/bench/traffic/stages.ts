/** The configurations of the full chain: one of podwire's, or one for each plugin of the reference. */

import { programOf, type TrafficContestant } from "./contestant.ts";

/** One attachment of the benchmark: masqueraded, with one TCP host port. */
export interface Pod {
  /** Container ID and name of the network namespace. */
  readonly id: string;
  readonly network: string;
  readonly hostPort: number;
  /** With a limit for each direction. */
  readonly isShaped: boolean;
}

export interface Stage {
  readonly program: string;
  readonly conf: object;
}

export const CONTAINER_PORT = 80;

/** Each network has its own bridge and prefix; a bridge of the kernel has at most 1023 ports. */
export const NETWORKS: Readonly<Record<string, string>> = {
  traffic: "10.1.0.0/16",
  traffic2: "10.2.0.0/16",
};

const BANDWIDTH = {
  ingressRate: 100_000_000,
  ingressBurst: 10_000_000,
  egressRate: 100_000_000,
  egressBurst: 10_000_000,
};

/** Plugins in the order of ADD. */
export function stagesOf(contestant: TrafficContestant, pod: Pod): Stage[] {
  const portMappings = [{ hostPort: pod.hostPort, containerPort: CONTAINER_PORT, protocol: "tcp" }];
  const shaping = pod.isShaped ? { bandwidth: BANDWIDTH } : {};
  if (contestant.backend === undefined) {
    const conf = { ...bridgeConf(pod), ipMasq: true, runtimeConfig: { portMappings, ...shaping } };
    return contestant.programs.map((program) => ({ program, conf }));
  }
  const { backend, hasChoice } = contestant;
  const stage = (plugin: string, fields: object): Stage => ({
    program: programOf(contestant, plugin),
    conf: { ...baseConf(pod), ...fields, type: plugin },
  });
  return [
    stage("bridge", { ...bridgeConf(pod), ipMasq: true, ...(hasChoice ? { ipMasqBackend: backend } : {}) }),
    stage("portmap", { runtimeConfig: { portMappings }, ...(hasChoice ? { backend } : {}) }),
    ...(pod.isShaped ? [stage("bandwidth", { runtimeConfig: shaping })] : []),
  ];
}

/** What makes one more pod of a crowd: podwire's whole chain, of the reference `bridge` without rules. */
export function crowdStagesOf(contestant: TrafficContestant, pod: Pod): Stage[] {
  if (contestant.backend === undefined) return stagesOf(contestant, pod);
  return [{ program: programOf(contestant, "bridge"), conf: bridgeConf(pod) }];
}

function baseConf({ network }: Pod) {
  return { cniVersion: "1.0.0", name: network, type: "bridge" };
}

function bridgeConf(pod: Pod) {
  return {
    ...baseConf(pod),
    bridge: pod.network,
    isGateway: true,
    isDefaultGateway: true,
    ipam: { type: "host-local", ranges: [[{ subnet: NETWORKS[pod.network] }]] },
  };
}
