/** Where the files of networks, tiers and endpoints are. */

/** Below the directory of the runtime's configurations, which does not look into sub-directories. */
export const CONFIG_DIR = "/etc/cni/net.d/podwire.d";
