/** `podwire doctor directories`: directories, file systems, the executable. */

import { expect, test } from "vitest";
import {
  judgeDirectories,
  type StateDirectory,
} from "../../../../../../src/cli/doctor/checks/host/directories.ts";
import { judgeExecutable } from "../../../../../../src/cli/doctor/checks/host/executable.ts";
import { mountOf, parseMounts } from "../../../../../../src/cli/doctor/checks/host/mounts.ts";
import { commands, said } from "../../../../../support/fixtures/doctor.ts";

const RUN = { target: "/run", type: "tmpfs", options: ["rw", "noexec"] };
const DIRECTORY: StateDirectory = {
  path: "/run/podwire",
  isOwn: true,
  isVolatile: true,
  mode: 0o700,
  isDirectory: true,
  mount: RUN,
  freeSpace: 0.5,
  freeInodes: 0.5,
};

test.for([
  ["all is well", {}, "ok", ""],
  ["it is not there yet", { mode: undefined }, "ok", ""],
  ["others may write to it", { mode: 0o777 }, "warning", "chmod go-w /run/podwire"],
  ["its group may write to it", { mode: 0o770 }, "warning", "chmod go-w /run/podwire"],
  ["it is somebody else's to set", { mode: 0o777, isOwn: false }, "ok", ""],
  ["it is a file", { isDirectory: false }, "fault", "mv /run/podwire /run/podwire.saved"],
  ["it cannot be written to", { mount: { ...RUN, options: ["ro"] } }, "fault", "mount -o remount,rw /run"],
  ["it outlives a boot", { mount: { ...RUN, type: "ext4" } }, "warning", "mount a tmpfs at /run"],
  ["it should outlive a boot", { mount: { ...RUN, type: "ext4" }, isVolatile: false }, "ok", ""],
  ["little space is free", { freeSpace: 0.04 }, "warning", "df -h /run"],
  ["no space is free", { freeSpace: 0 }, "fault", "df -h /run"],
  ["no inodes are free", { freeInodes: 0 }, "fault", "df -i /run"],
] as const)("judgeDirectories() gives the command when %s", ([, more, level, command]) => {
  const [found] = judgeDirectories([{ ...DIRECTORY, ...more }]);
  expect([found?.level, found?.command]).toEqual([level, command]);
});

const EXECUTABLE = {
  path: "/opt/cni/bin/podwire",
  mode: 0o755,
  mount: { target: "/", type: "ext4", options: ["rw"] },
  isSame: true,
};

test.for([
  ["all is well", {}, []],
  ["nobody may execute it", { mode: 0o644 }, ["chmod 755 /opt/cni/bin/podwire"]],
  ["others may change it", { mode: 0o775 }, ["chmod 755 /opt/cni/bin/podwire"]],
  ["its file system executes nothing", { mount: RUN }, ["mount -o remount,exec /run"]],
  ["it is another build", { isSame: false }, [`install -m 755 ${process.execPath} /opt/cni/bin/podwire`]],
  ["nobody knows whether it is this build", { isSame: undefined }, []],
] as const)("judgeExecutable() gives the command when %s", ([, more, wanted]) => {
  expect(commands(judgeExecutable({ ...EXECUTABLE, ...more }))).toEqual(wanted);
});

test("judgeExecutable() leaves it to others when there is none", () => {
  expect(said(judgeExecutable(undefined))).toEqual([
    ["ok", "podwire is in none of the runtime's directories of plugins"],
  ]);
});

const MOUNTINFO = `22 1 0:20 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
30 22 0:25 / /run rw,nosuid,nodev shared:5 master:2 - tmpfs tmpfs rw,size=10k
31 22 0:26 / /opt/my\\040cni rw - xfs /dev/sdb ro
32 30 0:27 / /run rw,noexec - tmpfs other rw
`;

test.for([
  ["/etc/cni", "/", "ext4"],
  ["/runner", "/", "ext4"],
  ["/opt/my cni/bin", "/opt/my cni", "xfs"],
] as const)("mountOf() finds where %s is", ([path, target, type]) => {
  expect(mountOf(parseMounts(MOUNTINFO), path)).toMatchObject({ target, type });
});

test("mountOf() takes the later one when two are mounted at the same place", () => {
  expect(mountOf(parseMounts(MOUNTINFO), "/run/podwire")?.options).toContain("noexec");
});

test("parseMounts() gives the options of the mount and of its file system", () => {
  expect(mountOf(parseMounts(MOUNTINFO), "/opt/my cni")?.options).toEqual(["rw", "ro"]);
});
