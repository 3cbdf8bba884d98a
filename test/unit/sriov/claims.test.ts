/** Claims on VFs, as links in a directory. */

import { mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OPEN, openFile } from "../../../src/linux/file.ts";
import { LockTimeout, lockDescriptor } from "../../../src/linux/lock.ts";
import {
  claimVf,
  findClaim,
  listClaims,
  lockClaims,
  readClaim,
  releaseClaim,
  VfTaken,
} from "../../../src/sriov/claims.ts";

const VF = "0000:01:10.0";
const OWN = { owner: "web/c1/eth0", minMbps: 500 };

/** A directory for claims that is not there yet. */
class Root {
  readonly #parent = mkdtempSync(join(tmpdir(), "claims-"));
  readonly path = join(this.#parent, "run/podwire/.vfs");

  [Symbol.dispose](): void {
    rmSync(this.#parent, { recursive: true });
  }
}

test("claimVf() leaves a link that says for whom and how much when the VF is free", () => {
  using root = new Root();
  using lock = lockClaims(root.path);
  claimVf(lock, VF, OWN);
  expect(readlinkSync(join(root.path, VF))).toBe("500 web/c1/eth0");
});

test("claimVf() throws VfTaken with the holder and changes nothing when another one has the VF", () => {
  using root = new Root();
  using lock = lockClaims(root.path);
  claimVf(lock, VF, OWN);
  expect(() => claimVf(lock, VF, { owner: "web/c2/eth0", minMbps: 0 })).toThrow(
    new VfTaken(VF, "web/c1/eth0"),
  );
  expect(readClaim(root.path, VF)).toEqual(OWN);
});

test("claimVf() throws VfTaken when the same one has the VF already", () => {
  using root = new Root();
  using lock = lockClaims(root.path);
  claimVf(lock, VF, OWN);
  expect(() => claimVf(lock, VF, OWN)).toThrow(VfTaken);
});

test("listClaims() gives each by PCI address when there are several, and not the lock", () => {
  using root = new Root();
  using lock = lockClaims(root.path);
  claimVf(lock, VF, OWN);
  claimVf(lock, "0000:01:10.2", { owner: "blue/c 2/net1", minMbps: 0 });
  expect(listClaims(root.path)).toEqual(
    new Map([
      [VF, OWN],
      ["0000:01:10.2", { owner: "blue/c 2/net1", minMbps: 0 }],
    ]),
  );
});

test("listClaims() gives none when nobody has claimed a VF yet", () => {
  using root = new Root();
  expect(listClaims(root.path)).toEqual(new Map());
});

test("findClaim() gives the VF that the owner holds, and none when it holds none", () => {
  using root = new Root();
  using lock = lockClaims(root.path);
  claimVf(lock, "0000:01:10.2", { owner: "web/c2/eth0", minMbps: 0 });
  claimVf(lock, VF, OWN);
  expect([findClaim(root.path, OWN.owner), findClaim(root.path, "web/c1/eth1")]).toEqual([VF, undefined]);
});

test("releaseClaim() frees the VF when that owner has it", () => {
  using root = new Root();
  using lock = lockClaims(root.path);
  claimVf(lock, VF, OWN);
  expect(releaseClaim(lock, VF, OWN.owner)).toBe(true);
  expect(readClaim(root.path, VF)).toBeUndefined();
});

test("releaseClaim() leaves the claim when another one has the VF", () => {
  using root = new Root();
  using lock = lockClaims(root.path);
  claimVf(lock, VF, OWN);
  expect(releaseClaim(lock, VF, "web/c1/eth1")).toBe(false);
  expect(readClaim(root.path, VF)).toEqual(OWN);
});

test("releaseClaim() gives false when nobody has the VF", () => {
  using root = new Root();
  using lock = lockClaims(root.path);
  expect(releaseClaim(lock, VF, OWN.owner)).toBe(false);
});

test("lockClaims() keeps others out until it is disposed of", () => {
  using root = new Root();
  const lock = lockClaims(root.path);
  const other = openFile(join(root.path, ".lock"), OPEN.readWrite);
  expect(() => lockDescriptor(other, "other", 0)).toThrow(LockTimeout);
  lock[Symbol.dispose]();
  expect(() => lockDescriptor(other, "other", 0)).not.toThrow();
});
