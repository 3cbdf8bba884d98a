/** A pod of a network by name on a virtual function. */

import type { SriovAttach } from "../../../network/model.ts";
import { type NamedLinkPlanner, refuseShaping } from "../named-link.ts";

export const planSriovLink: NamedLinkPlanner<SriovAttach> = (network, input) => {
  const { device } = input.netconf;
  const { mac } = input.config;
  return {
    link: {
      kind: "sriov",
      attach: network.attach,
      ...(device === undefined ? {} : { deviceId: device }),
      ...(mac === undefined ? {} : { containerMac: mac }),
    },
    traffic: undefined,
    shaping: refuseShaping(network, input),
  };
};
