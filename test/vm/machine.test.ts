import { beforeAll, expect, test } from "vitest";
import { Vm } from "../support/vm/vm.ts";

let vm: Vm;
beforeAll(async () => {
  vm = await Vm.shared();
});

test("run() gives status, output and errors, and passes input, when a line ends", async () => {
  const input = "ä \0\n".repeat(20_000);
  const done = await vm.run("cat; echo wrong >&2; exit 3", { stdin: input });
  expect(done).toEqual({ status: 3, stdout: input, stderr: "wrong\n" });
});

test("run() runs lines at the same time when they wait for each other", async () => {
  await vm.sh("mkfifo /tmp/meeting");
  const [read, written] = await Promise.all([vm.run("cat /tmp/meeting"), vm.run("echo met > /tmp/meeting")]);
  expect([read.stdout, written.status]).toEqual(["met\n", 0]);
  await vm.sh("rm /tmp/meeting");
});

test("until() says what a line printed last when it never succeeds", async () => {
  await expect(vm.until("echo not yet; false", 1)).rejects.toThrow("not within 1 s: not yet");
});

test("run() fails with the command when there is no answer in time", async () => {
  await using hanging = await Vm.boot();
  await expect(hanging.run("sleep 1000", { timeoutMs: 200 })).rejects.toThrow("to: sleep 1000");
});

test("run() fails with the console's last lines when the kernel panics", async () => {
  await using dying = await Vm.boot();
  await expect(dying.run("echo c > /proc/sysrq-trigger")).rejects.toThrow("sysrq triggered crash");
});
