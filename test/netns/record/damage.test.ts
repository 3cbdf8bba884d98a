/** What stands in the place of a record, a reservation or a network's file, and is none: it concerns one pod, and nobody waits. */

import { expect, test } from "vitest";
import { createNode } from "../../support/node/commands.ts";
import type { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";

const RECORD = "/run/podwire/mynet/c1:eth0.json";
const PORT = {
  runtimeConfig: {
    portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }],
    bandwidth: { egressRate: 8_000_000, egressBurst: 800_000 },
  },
};

/** What of pod c1 is left on the node. */
function left(node: Node) {
  return {
    links: node.sh("ip link show | grep -c 'podwire mynet/c1/' || true").trim(),
    elements: node.sh("nft list ruleset | grep -c 'mynet/c1/' || true").trim(),
    record: node.sh(`test -e '${RECORD}' -o -L '${RECORD}' && echo there || true`).trim(),
    address: node.sh("ls /var/lib/cni/networks/mynet | grep -c '^10' || true").trim(),
  };
}

const NOTHING = { links: "0", elements: "0", record: "", address: "0" };

test.for([
  ["JSON of null", `echo null > ${RECORD}`],
  ["a list", `echo [] > ${RECORD}`],
  ["an object without most of it", `echo '{"kind":"bridge"}' > ${RECORD}`],
  ["fields of the wrong types", `echo '{"version":2,"kind":5,"network":7,"ips":3}' > ${RECORD}`],
  ["a version of the future", `echo '{"version":99}' > ${RECORD}`],
  ["a pipe", `mkfifo ${RECORD}`],
  ["a pipe that somebody writes to", `mkfifo ${RECORD}; sleep 60 <>${RECORD} >/dev/null 2>&1 &`],
  ["a device without end", `mknod ${RECORD} c 1 5`],
  ["a loop of links", `ln -s c1:eth0.json ${RECORD}`],
])("DEL removes all of the pod when its record is %s", async ([, script]) => {
  await using node = await createNode();
  attach(node, { conf: PORT });
  node.sh(`rm '${RECORD}'; ${script}`);
  expect(call(node, "ADD", { containerId: "c1" }).json).toMatchObject({ code: 100 });
  attach(node, { containerId: "c2" });
  expect(call(node, "DEL", { conf: PORT })).toMatchObject({ exitCode: 0 });
  expect(call(node, "DEL", { containerId: "c2" })).toMatchObject({ exitCode: 0 });
  expect(left(node)).toEqual(NOTHING);
});

test("DEL names a directory in the place of the record, and removes the rest", async () => {
  await using node = await createNode();
  attach(node, { conf: PORT });
  node.sh(`rm '${RECORD}'; mkdir '${RECORD}'`);
  attach(node, { containerId: "c2" });
  expect(call(node, "DEL", { containerId: "c2" })).toMatchObject({ exitCode: 0 });
  expect(call(node, "DEL", { conf: PORT }).json).toMatchObject({
    code: 5,
    msg: expect.stringContaining(RECORD),
    details: expect.stringContaining("remove it"),
  });
  expect(left(node)).toEqual({ ...NOTHING, record: "there" });
  node.sh(`rmdir '${RECORD}'`);
  expect(call(node, "DEL", { conf: PORT })).toMatchObject({ exitCode: 0 });
});

const RESERVATION = "/var/lib/cni/networks/mynet/10.1.0.2";

test("ADD passes over an address when a directory is in the place of its reservation", async () => {
  await using node = await createNode();
  node.sh(`mkdir -p ${RESERVATION}`);
  const added = attach(node);
  expect(added.ips[0].address).toBe("10.1.0.3/16");
  expect(call(node, "DEL")).toMatchObject({ exitCode: 0 });
});

test.for([
  ["a pipe", "mkfifo"],
  ["a loop of links", "ln -s 10.1.0.2"],
  ["a link to nowhere", "ln -s nowhere"],
])("ADD reserves an address when %s is in the place of its reservation", async ([, make]) => {
  await using node = await createNode();
  node.sh(`mkdir -p $(dirname ${RESERVATION}); ${make} ${RESERVATION}`);
  expect(attach(node).ips[0].address).toBe("10.1.0.2/16");
  expect(node.sh(`cat ${RESERVATION}`)).toBe("c1\r\neth0");
  expect(call(node, "DEL")).toMatchObject({ exitCode: 0 });
});

test.for([
  ["a pipe", "mkfifo"],
  ["a directory", "mkdir"],
])("ADD names the file of a network that is %s, and waits for nobody", async ([, make]) => {
  await using node = await createNode();
  const file = "/etc/cni/net.d/podwire.d/networks/web.json";
  node.sh(`mkdir -p $(dirname ${file}); ${make} ${file}`);
  node.addPod("c1");
  const annotations = { "diamanti.com/endpoint0": '{"network":"web"}' };
  const conf = { runtimeConfig: { "io.kubernetes.cri.pod-annotations": annotations } };
  expect(call(node, "ADD", { conf }).json).toMatchObject({ code: 7, msg: expect.stringContaining(file) });
  expect(call(node, "ADD")).toMatchObject({ exitCode: 0 });
});
