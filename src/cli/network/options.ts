/** Options that several commands of networks have. */

import type { Option, ValueOption } from "../command.ts";

export const SET_DEFAULT_OPTION: Option = {
  flags: "--set-default",
  description: "make it the default: for pods that ask for no network",
};

export const NETWORK_GROUP_OPTION: ValueOption = {
  flags: "-n, --network-group",
  value: "<name>",
  values: "network groups",
  description: "group of networks; a pod may ask for any network of a group",
};

export const ZONE_OPTION: ValueOption = {
  flags: "-z, --zone",
  value: "<name>",
  values: "zones",
  description: "zone of the network",
};
