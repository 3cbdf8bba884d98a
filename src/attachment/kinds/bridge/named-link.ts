/** A pod of a network by name on the bridge of its uplink. */

import type { BridgeAttach } from "../../../network/model.ts";
import { hostIfnameOf, macsOf } from "../../attachment.ts";
import { type NamedLinkPlanner, refuseDevice } from "../named-link.ts";
import { uplinkBridgeOf } from "../uplink.ts";

/** Frames of the pod with another sender are dropped where the configuration asks for it. */
export const planBridgeLink: NamedLinkPlanner<BridgeAttach> = (network, input) => {
  const { attachment, config, netconf } = input;
  refuseDevice(network, input);
  const { attach, vlan } = network;
  const macs = macsOf(attachment);
  const containerMac = config.mac ?? macs.container;
  return {
    link: {
      ...config,
      kind: "bridge",
      bridge: uplinkBridgeOf(attach.uplink),
      forceAddress: false,
      forward: netconf.forward,
      hairpinMode: false,
      promiscMode: false,
      portIsolation: false,
      hostIfname: hostIfnameOf(attachment),
      hostMac: macs.host,
      containerMac,
      uplink: { ...attach, ...(vlan === undefined ? {} : { vlan }) },
    },
    traffic: netconf.macspoofchk ? { sender: containerMac, ingressPolicy: "open" } : undefined,
    shaping: netconf.shaping,
  };
};
