/** A pod of a network by name on the bridge of its uplink. */

import type { BridgeAttach } from "../../../network/model.ts";
import { hostIfnameOf, macsOf } from "../../attachment.ts";
import { planTraffic } from "../../plan/traffic.ts";
import { type NamedLinkPlanner, refuseDevice } from "../named-link.ts";
import { uplinkBridgeOf } from "../uplink.ts";

/** Frames of the pod with another sender, and its router advertisements, are dropped where the configuration asks for it. */
export const planBridgeLink: NamedLinkPlanner<BridgeAttach> = (network, input) => {
  const { attachment, config, netconf } = input;
  const { macspoofchk } = netconf;
  refuseDevice(network, input);
  const { attach, vlan } = network;
  const macs = macsOf(attachment);
  const containerMac = config.mac ?? macs.container;
  const raGuard = netconf.raGuard ? "required" : undefined;
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
      raGuard,
      hostIfname: hostIfnameOf(attachment),
      hostMac: macs.host,
      containerMac,
      uplink: { ...attach, ...(vlan === undefined ? {} : { vlan }) },
    },
    traffic: planTraffic(
      { macspoofchk, ingressPolicy: "open" },
      { kind: "none" },
      { sender: containerMac, raGuard },
    ),
    shaping: netconf.shaping,
  };
};
