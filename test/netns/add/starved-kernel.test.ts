/** ADD while the threads of the kernel get no processor: what they would do later, the call has done itself. */

import { expect, test } from "vitest";
import { createNode } from "../../support/node/commands.ts";
import { PODWIRE } from "../../support/node/node.ts";
import { attach, call, ensurePod, NETCONF } from "../../support/pod/attachment.ts";

const ONE_ADDRESS = {
  type: "host-local",
  ranges: [[{ subnet: "10.1.0.0/16", rangeStart: "10.1.0.50", rangeEnd: "10.1.0.50" }]],
};

/** A script that runs on one processor before everything else, while the others do nothing that is of use. */
function starving(script: string): string {
  return `others=$(nproc --all); spinners=
    for cpu in $(seq 1 $((others - 1))); do
      timeout 5 taskset -c $cpu chrt -f 2 sh -c 'ulimit -t 5; while :; do :; done' >/dev/null 2>&1 & spinners="$spinners $!"
    done
    taskset -c 0 chrt -f 1 sh -ec '${script}'; code=$?
    kill $spinners 2>/dev/null; exit $code`;
}

test("a reused address is announced though the carrier change of the pod's interface is still pending", async () => {
  await using node = await createNode();
  const conf = { ipam: ONE_ADDRESS };
  attach(node, { conf });
  node.sh("ping -c1 -W1 10.1.0.50");
  expect(call(node, "DEL", { conf })).toMatchObject({ exitCode: 0 });
  ensurePod(node, "c2");
  const env = {
    CNI_COMMAND: "ADD",
    CNI_CONTAINERID: "c2",
    CNI_NETNS: "/run/netns/c2",
    CNI_IFNAME: "eth0",
    CNI_PATH: "/opt/cni/bin",
  };
  const input = JSON.stringify({ ...NETCONF, ...conf });
  const script = starving(`${PODWIRE}; ping -c1 -W1 10.1.0.50`);
  const done = node.run(["sh", "-c", script], { env, input });
  expect(done).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("1 received") });
});
