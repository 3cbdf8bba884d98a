/** A pod of a network by name on a macvlan interface. */

import type { MacvlanAttach } from "../../../network/model.ts";
import { macsOf } from "../../attachment.ts";
import { type NamedLinkPlanner, refuseDevice, refuseShaping } from "../named-link.ts";

export const planMacvlanLink: NamedLinkPlanner<MacvlanAttach> = (network, input) => {
  refuseDevice(network, input);
  const { attach, vlan } = network;
  const containerMac = input.config.mac ?? macsOf(input.attachment).container;
  const uplink = { ...attach, ...(vlan === undefined ? {} : { vlan }) };
  return {
    link: { kind: "macvlan", containerMac, uplink },
    traffic: undefined,
    shaping: refuseShaping(network, input),
  };
};
