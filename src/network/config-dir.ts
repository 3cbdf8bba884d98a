/** Where the files of networks, tiers and endpoints are. */

/** Below the folder of the runtime's configurations, which does not look into sub-folders. */
export const CONFIG_DIR = "/etc/cni/net.d/podwire.d";
