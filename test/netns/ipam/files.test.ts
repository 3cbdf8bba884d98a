/** host-local's files on disk, byte for byte, and the round robin over them. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import {
  attach,
  call,
  callWithResult,
  DUAL_STACK,
  ensurePod,
  NETCONF,
} from "../../support/pod/attachment.ts";

const DIRECTORY = "/var/lib/cni/networks/mynet";
const { ipam } = NETCONF;

const bytesOf = (node: Node, path: string) => node.sh(`od -An -c '${path}' | tr -s ' \\n' ' '`).trim();
const addressOf = (result: { ips: { address: string }[] }) => result.ips[0]?.address;

test("ADD() writes container and interface with CR LF between when it reserves", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ipam: DUAL_STACK } });
  const want = "c 1 \\r \\n e t h 0";
  expect(bytesOf(node, `${DIRECTORY}/10.1.0.2`)).toBe(want);
  expect(bytesOf(node, `${DIRECTORY}/fd00:1::2`)).toBe(want);
});

test("ADD() writes the last address of each range set without a line end when it reserves", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ipam: DUAL_STACK } });
  expect(bytesOf(node, `${DIRECTORY}/last_reserved_ip.0`)).toBe("1 0 . 1 . 0 . 2");
  expect(bytesOf(node, `${DIRECTORY}/last_reserved_ip.1`)).toBe("f d 0 0 : 1 : : 2");
});

test("ADD() makes host-local's files, its own boot marker and no other when it reserves", async () => {
  await using node = await Node.create();
  attach(node);
  const names = node.sh(`ls -A ${DIRECTORY}`).trim().split("\n");
  expect(names).toEqual(["10.1.0.2", "boot_id", "last_reserved_ip.0", "lock"]);
  expect(node.sh(`cat ${DIRECTORY}/boot_id`)).toBe(node.sh("cat /proc/sys/kernel/random/boot_id").trim());
});

test("ADD() lets only root read reservations and record when it writes them", async () => {
  await using node = await Node.create();
  attach(node);
  const paths = `${DIRECTORY}/10.1.0.2 ${DIRECTORY}/last_reserved_ip.0 /run/podwire/mynet/c1:eth0.json`;
  expect(node.sh(`stat -c %a ${paths}`)).toBe("600\n600\n600\n");
});

test("ADD() puts the files below dataDir when it is set", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ipam: { ...ipam, dataDir: "/run/elsewhere/deep" } } });
  expect(node.sh("cat /run/elsewhere/deep/mynet/10.1.0.2")).toBe("c1\r\neth0");
});

test("ADD() fails with code 5 and names the directory when dataDir is where no directory can be made", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const refused = call(node, "ADD", { conf: { ipam: { ...ipam, dataDir: "/proc/pods" } } });
  expect(refused).toMatchObject({
    exitCode: 1,
    json: { code: 5, msg: expect.stringContaining('"/proc/pods') },
  });
});

test("DEL() keeps lock and round-robin marker when it frees the address", async () => {
  await using node = await Node.create();
  attach(node);
  call(node, "DEL");
  const names = node.sh(`ls -A ${DIRECTORY}`).trim().split("\n");
  expect(names).toEqual(["boot_id", "last_reserved_ip.0", "lock"]);
});

test("ADD() goes round robin when an address was freed", async () => {
  await using node = await Node.create();
  const conf = { ipam: { ...ipam, subnet: "10.1.0.0/29" } };
  const given = Array.from({ length: 7 }, () => {
    const address = addressOf(attach(node, { conf }));
    call(node, "DEL", { conf });
    return address;
  });
  const last = given.map((address) => address?.replace(/^10\.1\.0\.(\d+)\/29$/, "$1"));
  expect(last).toEqual(["2", "3", "4", "5", "6", "2", "3"]);
});

test("ADD() skips addresses that are taken when it comes round", async () => {
  await using node = await Node.create();
  const conf = { ipam: { ...ipam, subnet: "10.1.0.0/29" } };
  for (const containerId of ["c2", "c3", "c4", "c5", "c6"]) attach(node, { conf, containerId });
  call(node, "DEL", { conf, containerId: "c4" });
  expect(addressOf(attach(node, { conf }))).toBe("10.1.0.4/29");
  expect(() => attach(node, { conf, containerId: "c7" })).toThrow('"code":11');
});

test("ADD() continues after the marker when it has a line end or is garbled", async () => {
  await using node = await Node.create();
  node.sh(`mkdir -p ${DIRECTORY}; echo 10.1.0.9 > ${DIRECTORY}/last_reserved_ip.0`);
  expect(addressOf(attach(node))).toBe("10.1.0.10/16");
  node.sh(`echo garbage > ${DIRECTORY}/last_reserved_ip.0`);
  expect(addressOf(attach(node, { containerId: "c2" }))).toBe("10.1.0.2/16");
});

test("ADD() goes on in the next range of the set when one is full", async () => {
  await using node = await Node.create();
  const ranges = [[{ subnet: "10.1.0.0/30" }, { subnet: "10.2.0.0/30" }]];
  const conf = { isGateway: false, ipam: { type: "host-local", ranges } };
  const given = ["c1", "c2"].map((containerId) => addressOf(attach(node, { conf, containerId })));
  expect(given).toEqual(["10.1.0.2/30", "10.2.0.2/30"]);
});

const edges = [
  {
    name: "network and broadcast addresses when the range includes them",
    set: { subnet: "10.1.0.0/30", rangeStart: "10.1.0.0", rangeEnd: "10.1.0.3", gateway: "10.1.0.1" },
    address: "10.1.0.2/30",
  },
  {
    name: "the subnet-router address when the range includes it",
    set: { subnet: "fd00:1::/126", rangeStart: "fd00:1::", rangeEnd: "fd00:1::2" },
    address: "fd00:1::2/126",
  },
];

test.for(edges)("ADD() never gives $name", async ({ set, address }) => {
  await using node = await Node.create();
  const conf = { isGateway: false, ipam: { type: "host-local", ranges: [[set]] } };
  expect(addressOf(attach(node, { conf }))).toBe(address);
  expect(() => attach(node, { conf, containerId: "c2" })).toThrow('"code":11');
});

test("CHECK() passes when the reservation names the container alone", async () => {
  await using node = await Node.create();
  const result = attach(node);
  node.sh(`printf c1 > ${DIRECTORY}/10.1.0.2`);
  expect(callWithResult(node, "CHECK", result)).toMatchObject({ exitCode: 0, stdout: "" });
});
