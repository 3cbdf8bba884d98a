/** What a pod on a virtual function may leave behind, or has to put back, as facts of one line each. */

/** The shell script that prints it, for {@link parseFacts}. It is run often: few processes. */
export const observe = `ip -j -d link; echo @
  for vf in /sys/bus/pci/devices/*/physfn; do
    cd \${vf%/physfn}; read override < driver_override
    [ -e net ] && ifname=$(ls net) || ifname=none
    echo $(pwd -P) $(readlink driver) override $override interface $ifname
  done; cd /; echo @
  find /run/podwire /run/netns /var/lib/cni -name .lock -o -type f -name '*[.:]*[.:]*' -print \
    -o -type l -print -o -path '/run/netns/*' -print 2> /dev/null || true`;

export function parseFacts(printed: string): string[] {
  const [links = "[]", devices = "", files = ""] = printed.split("@\n");
  return [...linkFacts(JSON.parse(links)), ...devices.split("\n"), ...files.split("\n")].filter(
    (fact) => fact !== "",
  );
}

/** The cards may be up or down. */
// biome-ignore lint/suspicious/noExplicitAny: a document of iproute2
function linkFacts(links: readonly any[]): string[] {
  return links.flatMap(({ ifname, vfinfo_list: vfs, parentdev, flags, ...link }) => {
    const { mtu, address, ifalias, promiscuity, allmulti, txqlen } = link;
    const isCard = String(parentdev).endsWith(":00.0");
    const state = isCard ? {} : { isUp: flags.includes("UP"), promiscuity, allmulti, txqlen };
    return [
      `${ifname} ${JSON.stringify({ parentdev, mtu, address, ifalias, ...state })}`,
      ...(vfs ?? []).map((vf: object, index: number) => `${ifname} vf ${index} ${JSON.stringify(vf)}`),
    ];
  });
}
