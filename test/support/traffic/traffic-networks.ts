/** Networks of the tests with packets: pods that lead everything else to their gateway, in both families. */

import { DUAL_STACK } from "../pod/attachment.ts";

/** `mynet` on `cni0`: 10.1.0.0/16 and fd00:1::/64. */
export const MYNET = { isDefaultGateway: true, ipam: DUAL_STACK } as const;

/** `othernet` on `cni1`: 10.2.0.0/16 and fd00:2::/64, without a default route. */
export const OTHERNET = {
  name: "othernet",
  bridge: "cni1",
  ipam: { type: "host-local", ranges: [[{ subnet: "10.2.0.0/16" }], [{ subnet: "fd00:2::/64" }]] },
} as const;

/** The pods of one network as the first that come get them. */
export const POD4 = "10.1.0.2";
export const POD6 = "fd00:1::2";
export const GATEWAY4 = "10.1.0.1";
export const GATEWAY6 = "fd00:1::1";

/** What tells of attachments in the ruleset after ADD of `containerId` on a network. */
export const ownerOf = (containerId = "c1", network = "mynet", ifname = "eth0") =>
  `${network}/${containerId}/${ifname}`;

/** Ends the namespace of `c1` and waits for its interfaces, which the kernel takes away some time after. */
export const POD_ENDS =
  "ip netns del c1; while ip link show type veth | grep -q mynet/c1/eth0; do sleep 0.02; done";

/** Port 8080 of the node is port 80 of the pod. */
export const WEB = { hostPort: 8080, containerPort: 80, protocol: "tcp" } as const;

/** Fields of a configuration with host ports, put over `network`. */
export function mapped(portMappings: readonly object[], network: object = MYNET) {
  return { ...network, runtimeConfig: { portMappings } };
}
