/** DEL without the traces that ADD left: record, previous result, reservation, alias. */

import { expect, test } from "vitest";
import { links, stateFiles } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, DUAL_STACK } from "../../support/pod/attachment.ts";

const conf = { ipam: DUAL_STACK };
const done = { exitCode: 0, stdout: "" };

function expectNothingLeft(node: Node) {
  expect(links(node).filter((link) => link.linkinfo?.info_kind === "veth")).toEqual([]);
  expect(stateFiles(node)).toEqual({});
}

const losses = [
  { name: "the record is gone", script: "rm -r /run/podwire/mynet" },
  { name: "record and namespace are gone", script: "rm -r /run/podwire/mynet; ip netns del c1" },
  { name: "the record is empty", script: "truncate -s 0 /run/podwire/mynet/c1:eth0.json" },
  { name: "the record is cut off", script: "truncate -s 40 /run/podwire/mynet/c1:eth0.json" },
  { name: "the reservations are gone", script: "rm /var/lib/cni/networks/mynet/*" },
  { name: "the whole data directory is gone", script: "rm -r /var/lib/cni/networks" },
  { name: "one reservation is garbled", script: "printf '\\0\\0' > /var/lib/cni/networks/mynet/10.1.0.2" },
  {
    name: "record and reservations are gone",
    script: "rm -r /run/podwire/mynet /var/lib/cni/networks/mynet",
  },
];

test.for(losses)("DEL() removes what is left when $name", async ({ script }) => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh(script);
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expectNothingLeft(node);
});

test("DEL() removes the interface when its alias was taken away and the record is there", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node, { conf });
  node.sh(`ip link set ${interfaces[1].name} alias ''; ip -n c1 link set eth0 alias ''`);
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expectNothingLeft(node);
});

test("DEL() keeps another container's reservation when it has the address now", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh("printf 'c9\\r\\neth0' > /var/lib/cni/networks/mynet/10.1.0.2");
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expect(stateFiles(node)).toEqual({ "/var/lib/cni/networks/mynet/10.1.0.2": "c9\r\neth0" });
});

const results = [
  { name: "of the wrong kind", prevResult: [1, 2] },
  { name: "of another version", prevResult: { cniVersion: "0.2.0", ip4: { ip: "10.1.0.2/16" } } },
  { name: "with broken addresses", prevResult: { cniVersion: "1.1.0", ips: [{ address: "no" }] } },
];

test.for(results)("DEL() removes everything when the previous result is $name", async ({ prevResult }) => {
  await using node = await Node.create();
  attach(node, { conf });
  expect(callWithResult(node, "DEL", prevResult, { conf })).toMatchObject(done);
  expectNothingLeft(node);
});

const RECORDLESS = "rm -r /run/podwire/mynet";

test("DEL() frees a reservation that names the container alone when there is no record", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh(
    `${RECORDLESS}; printf c1 > /var/lib/cni/networks/mynet/10.1.0.2; rm /var/lib/cni/networks/mynet/fd*`,
  );
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expectNothingLeft(node);
});
