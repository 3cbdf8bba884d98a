/** Container runtimes: where each looks for plugins and configurations, and what it has to be told. */

export interface Runtime {
  readonly name: string;
  /** Where it looks for executables. */
  readonly binDir: string;
  /** Where it looks for configurations. */
  readonly confDir: string;
  /** Plugins that it calls for every pod, whatever the configuration says. */
  readonly calls: readonly string[];
  /** What its own configuration has to say, a line each. */
  readonly needs: readonly string[];
}

const BIN_DIR = "/opt/cni/bin";
const CONF_DIR = "/etc/cni/net.d";

/** @see each runtime's documentation of its CNI settings; the first is the default */
export const RUNTIMES: readonly Runtime[] = [
  {
    name: "containerd",
    binDir: BIN_DIR,
    confDir: CONF_DIR,
    calls: ["loopback"],
    needs: [
      "/etc/containerd/config.toml, the CRI plugin's section for cni, has to say what is containerd's default:",
      '  bin_dir = "/opt/cni/bin"',
      '  conf_dir = "/etc/cni/net.d"',
      'Debian\'s file says bin_dir = "/usr/lib/cni": change it, or give --bin-dir /usr/lib/cni.',
      "containerd reads the directory again by itself.",
    ],
  },
  {
    name: "cri-o",
    binDir: BIN_DIR,
    confDir: CONF_DIR,
    calls: ["loopback"],
    needs: [
      "/etc/crio/crio.conf.d, section [crio.network], has to say what is CRI-O's default:",
      '  plugin_dirs = ["/opt/cni/bin"]',
      '  network_dir = "/etc/cni/net.d/"',
      "CRI-O reads the directory again by itself; cni_default_network, where it is set, has to name this network.",
    ],
  },
  {
    name: "podman",
    binDir: BIN_DIR,
    confDir: CONF_DIR,
    calls: [],
    needs: [
      "/etc/containers/containers.conf, section [network] (podman 4 and before have this back end):",
      '  network_backend = "cni"',
      '  cni_plugin_dirs = ["/opt/cni/bin"]',
      '  network_config_dir = "/etc/cni/net.d"',
      "Containers get it by: podman run --network NAME, or default_network in the same section.",
    ],
  },
  {
    name: "k3s",
    binDir: "/var/lib/rancher/k3s/data/cni",
    confDir: "/var/lib/rancher/k3s/agent/etc/cni/net.d",
    calls: [], // it brings its own
    needs: [
      "/etc/rancher/k3s/config.yaml of each server has to keep k3s from installing its own network:",
      '  flannel-backend: "none"',
      "  disable-network-policy: true",
      "Releases before the end of 2024 want --bin-dir /var/lib/rancher/k3s/data/current/bin.",
    ],
  },
  {
    name: "isulad",
    binDir: BIN_DIR,
    confDir: CONF_DIR,
    calls: ["loopback"],
    needs: [
      "/etc/isulad/daemon.json has to say:",
      '  "network-plugin": "cni",',
      '  "cni-bin-dir": "/opt/cni/bin",',
      '  "cni-conf-dir": "/etc/cni/net.d"',
      "Then: systemctl restart isulad.",
    ],
  },
];
