/** `podwire network delete`: only what nobody uses, and who does. */

import { expect, test } from "vitest";
import {
  CONFIG,
  configFiles,
  createNode,
  POOLS,
  podwire,
  reserve,
  succeed,
  WEB,
  writeFile,
} from "../../support/node/commands.ts";
import { addNamedPod, deleteNamedPod } from "../../support/pod/named-pods.ts";

/** Untagged: this kernel may have no VLANs. */
const FLAT = WEB.replace(" -v 120", "");

test("delete takes the file away when nobody uses the network", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  expect(succeed(node, "network delete web --yes")).toBe('network "web" deleted');
  expect(configFiles(node)).toBe("");
});

test("delete leaves no default when the network was it", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB} --set-default`);
  expect(succeed(node, "network delete web -y")).toBe(
    'network "web" deleted; there is no default network now',
  );
  expect(configFiles(node)).toBe("");
});

test("delete takes away a file that is wrong when asked to", async () => {
  await using node = await createNode();
  writeFile(node, `${CONFIG}/networks/bad.json`, "{");
  succeed(node, "network delete bad --yes");
  expect(configFiles(node)).toBe("");
});

test("delete names container and address when a pod is on the network, and succeeds when the pod is gone", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${FLAT}`);
  addNamedPod(node, "c1", { network: "web" });
  expect(podwire(node, "network delete web --yes")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: 'error: network "web" is in use: 10.10.120.11 by container c1 (eth0)\n  end these pods\n',
  });
  deleteNamedPod(node, "c1", { network: "web" });
  expect(succeed(node, "network delete web --yes")).toContain('network "web" deleted');
});

test("delete names the container when only its record knows of it", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${FLAT}`);
  addNamedPod(node, "c1", { network: "web" });
  node.sh(`rm ${POOLS}/web/10.10.120.11`);
  expect(podwire(node, "network delete web --yes").stderr).toBe(
    'error: network "web" is in use: container c1 (eth0)\n  end these pods\n',
  );
});

test("delete names endpoints when they keep addresses", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  succeed(node, "endpoint create ep1 -n web --ns prod");
  expect(podwire(node, "network delete web --yes")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr:
      'error: network "web" is in use: endpoint prod/ep1\n  delete its endpoints: podwire endpoint delete NAME --ns NAMESPACE\n',
  });
});

test("delete names the first five when there are more", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  for (let host = 11; host < 18; host++) reserve(node, "web", `10.10.120.${host}`, `c${host}`);
  const { stderr } = podwire(node, "network delete web --yes");
  expect(stderr.match(/by container/g)).toHaveLength(5);
  expect(stderr).toContain(" and 2 more\n");
});

test("delete does not count addresses of before the boot when there was no ADD since", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  reserve(node, "web", "10.10.120.11");
  node.sh(`touch -d '2000-01-01' ${POOLS}/web/10.10.120.11`);
  expect(succeed(node, "network delete web --yes")).toContain("deleted");
});

test("delete does nothing when it cannot ask and nobody said yes", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  expect(podwire(node, "network delete web")).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: 'error: Delete network "web"?: there is no terminal to ask on\n  give --yes\n',
  });
  expect(succeed(node, "network list")).toMatch(/^web /m);
});
