/** Damaged reservations, and those of an earlier boot. */

import { expect, test } from "vitest";
import { stateFiles } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod, NETCONF } from "../../support/pod/attachment.ts";

const DIRECTORY = "/var/lib/cni/networks/mynet";
const { ipam } = NETCONF;

const damages = [
  { name: "empty", script: `: > ${DIRECTORY}/10.1.0.2` },
  { name: "white space", script: `echo > ${DIRECTORY}/10.1.0.2` },
  { name: "binary", script: `head -c 64 /dev/zero > ${DIRECTORY}/10.1.0.2` },
  { name: "no identifier", script: `echo '!?' > ${DIRECTORY}/10.1.0.2` },
];

test.for(damages)("ADD() reclaims an address and says so when its file is $name", async ({ script }) => {
  await using node = await Node.create();
  node.sh(`mkdir -p ${DIRECTORY}; ${script}`);
  ensurePod(node);
  const added = call(node, "ADD");
  expect(added.json.ips[0].address).toBe("10.1.0.2/16");
  expect(added.stderr).toContain(`${DIRECTORY}/10.1.0.2`);
});

const whole = [
  { name: "a container alone", content: "c9" },
  { name: "a line feed without carriage return", content: "c9\\neth0" },
  { name: "white space around it", content: " c9\\r\\neth0\\n" },
];

test.for(whole)("ADD() respects a reservation when it has $name", async ({ content }) => {
  await using node = await Node.create();
  node.sh(`mkdir -p ${DIRECTORY}; printf '${content}' > ${DIRECTORY}/10.1.0.2`);
  ensurePod(node);
  expect(call(node, "ADD")).toMatchObject({ stderr: "", json: { ips: [{ address: "10.1.0.3/16" }] } });
});

const OLD = "touch -d '2001-01-01'";
const RESERVE = `mkdir -p ${DIRECTORY}; printf 'c8\\r\\neth0' > ${DIRECTORY}/10.1.0.8; printf 'c9\\r\\neth0' > ${DIRECTORY}/10.1.0.9`;

const boots = [
  {
    name: "the marker is of another boot",
    marker: `echo other > ${DIRECTORY}/boot_id`,
    conf: {},
    left: ["10.1.0.9"],
  },
  { name: "there is no marker", marker: "true", conf: {}, left: ["10.1.0.9"] },
  { name: "the marker is empty", marker: `: > ${DIRECTORY}/boot_id`, conf: {}, left: ["10.1.0.9"] },
  {
    name: "the marker is of this boot",
    marker: `cat /proc/sys/kernel/random/boot_id > ${DIRECTORY}/boot_id`,
    conf: {},
    left: ["10.1.0.8", "10.1.0.9"],
  },
  {
    name: "they are kept across reboots",
    marker: `echo other > ${DIRECTORY}/boot_id`,
    conf: { ipam: { ...ipam, keepAcrossReboots: true } },
    left: ["10.1.0.8", "10.1.0.9"],
  },
];

test.for(boots)("ADD() leaves the right reservations when $name", async ({ marker, conf, left }) => {
  await using node = await Node.create();
  node.sh(`${RESERVE}; ${marker}; ${OLD} ${DIRECTORY}/10.1.0.8`);
  attach(node, { conf });
  const paths = Object.keys(stateFiles(node)).filter((path) => path.startsWith(DIRECTORY));
  expect(paths).toEqual(["10.1.0.2", ...left].map((name) => `${DIRECTORY}/${name}`));
});

test("ADD() says on stderr how many addresses it freed when a boot lies between", async () => {
  await using node = await Node.create();
  node.sh(`${RESERVE}; ${OLD} ${DIRECTORY}/*`);
  ensurePod(node);
  expect(call(node, "ADD").stderr).toMatch(/freed 2 addresses/);
});

test("ADD() keeps this boot's pods when it is called again", async () => {
  await using node = await Node.create();
  attach(node);
  attach(node, { containerId: "c2" });
  expect(Object.keys(stateFiles(node)).filter((path) => path.startsWith(DIRECTORY))).toHaveLength(2);
});
