import { afterAll, beforeAll, expect, test } from "vitest";
import { Vm } from "../support/vm.ts";

let vm: Vm;
beforeAll(async () => {
  vm = await Vm.boot();
});
afterAll(() => vm?.close());

test("run() gives status, output and errors, and passes input, when a line ends", async () => {
  const input = "ä \0\n".repeat(1000);
  const done = await vm.run("cat; echo wrong >&2; exit 3", { stdin: input });
  expect(done).toEqual({ status: 3, stdout: input, stderr: "wrong\n" });
});

test("run() runs lines at the same time when they wait for each other", async () => {
  await vm.sh("mkfifo /tmp/meeting");
  const [read, written] = await Promise.all([vm.run("cat /tmp/meeting"), vm.run("echo met > /tmp/meeting")]);
  expect([read.stdout, written.status]).toEqual(["met\n", 0]);
  await vm.sh("rm /tmp/meeting");
});

test("addVfs() makes functions that name their card when the card can", async () => {
  const vfs = await vm.addVfs("eth0", 3);
  expect(vfs.map(({ index, pciAddress }) => [index, pciAddress])).toEqual([
    [0, "0000:01:10.0"],
    [1, "0000:01:10.2"],
    [2, "0000:01:10.4"],
  ]);
  expect(await vm.sh("basename $(readlink /sys/bus/pci/devices/0000:01:10.2/physfn)")).toBe("0000:01:00.0\n");
  await vm.sh("echo 0 > /sys/class/net/eth0/device/sriov_numvfs; ip link set eth0 down");
});
