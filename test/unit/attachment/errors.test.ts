import { expect, test } from "vitest";
import { parseAddress } from "../../../src/addr/address.ts";
import { IncompleteRemoval } from "../../../src/attachment/del.ts";
import { toCniError } from "../../../src/attachment/errors.ts";
import { AttachmentExists } from "../../../src/attachment/record/store.ts";
import { StepError } from "../../../src/attachment/steps/step.ts";
import { CniError } from "../../../src/error/cni-error.ts";
import { AddressUnavailable, PoolExhausted } from "../../../src/ipam/allocate.ts";
import { NoVlanFiltering } from "../../../src/link/bridge-vlan.ts";
import { SyscallError } from "../../../src/linux/error.ts";
import { LockTimeout } from "../../../src/linux/lock.ts";
import { NetlinkError } from "../../../src/netlink/error.ts";
import { InvalidFile } from "../../../src/network/format/document.ts";
import { VfTaken } from "../../../src/sriov/claims.ts";
import { DriverNotBound } from "../../../src/sriov/driver.ts";
import { NoFreeVf, NoSuchPf } from "../../../src/sriov/no-free-vf.ts";

const ADDRESS = parseAddress("10.1.0.5") ?? { family: 4, value: 0n };
const LOCK = new LockTimeout("/run/lock", 10_000);

function refusal(errno: string): NetlinkError {
  return new NetlinkError({ request: "RTM_NEWLINK", errno, extAck: "", attribute: "" });
}

test.for([
  [
    new PoolExhausted([], 0),
    11,
    "no free address in range set 0: ",
    "delete pods, enlarge the range, or free leaked addresses with GC",
  ],
  [
    new AddressUnavailable(ADDRESS, "is taken", true),
    11,
    "requested address 10.1.0.5 is taken",
    "ask for another address, or delete its holder",
  ],
  [
    new AddressUnavailable(ADDRESS, "is in no range", false),
    7,
    "requested address 10.1.0.5 is in no range",
    "ask for an address of this network",
  ],
  [
    LOCK,
    11,
    'lock "/run/lock": still held by another process after 10 s',
    "another call holds it; try again",
  ],
  [
    new AttachmentExists("/run/podwire/a.json", undefined),
    100,
    "attachment has a record already: /run/podwire/a.json",
    "DEL the attachment before it is added again",
  ],
  [
    new InvalidFile("db.json", "vlan", "want a number"),
    7,
    "db.json: vlan: want a number",
    "correct the file; podwire network list and podwire doctor read it again",
  ],
  [new NoFreeVf([]), 11, "no free VF: ", "delete a pod that holds one; podwire vf list shows who does"],
  [
    new VfTaken("0000:01:10.0", undefined),
    11,
    "VF 0000:01:10.0 is held by another attachment",
    "it comes free with the DEL of its holder",
  ],
  [
    new NoSuchPf(["eth9"], []),
    7,
    "no physical function eth9: this node has none",
    "correct attach.pfs in the network's file; podwire vf list shows what there is",
  ],
  [
    new DriverNotBound("0000:01:10.0", "vfio-pci", { reason: "no such driver" }),
    101,
    "VF 0000:01:10.0 cannot be bound to vfio-pci: no such driver",
    "the VF is as it was before",
  ],
  [
    new NoVlanFiltering("cni0", { cause: refusal("EOPNOTSUPP") }),
    101,
    'bridge "cni0": this kernel cannot filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING)',
    "want a kernel that has it, or no VLAN; named networks have VLANs with --attach macvlan too",
  ],
  [refusal("EBUSY"), 11, "RTM_NEWLINK: EBUSY", "the node is short of resources; try again"],
  [
    refusal("EPERM"),
    101,
    "RTM_NEWLINK: EPERM",
    "run the plugin as root with CAP_NET_ADMIN and CAP_SYS_ADMIN",
  ],
  [
    refusal("EINVAL"),
    101,
    "RTM_NEWLINK: EINVAL",
    "PODWIRE_NETLINK_DEBUG=1 prints every message to the kernel",
  ],
  [
    new SyscallError("write", "ENOSPC", "/run/a"),
    5,
    'write: "/run/a": ENOSPC',
    "free space on the file system",
  ],
  [
    new SyscallError("socket", "EPROTONOSUPPORT", "netlink"),
    101,
    'socket: "netlink": EPROTONOSUPPORT',
    "this kernel has no nf_tables; load its module nf_tables (modprobe), or boot a kernel that has it",
  ],
  [
    new SyscallError("open", "EACCES", "/run/a"),
    5,
    'open: "/run/a": EACCES',
    "look at the path, its rights and its file system",
  ],
  [
    new TypeError("x is not a function"),
    999,
    "unexpected TypeError: x is not a function",
    "this is a fault of podwire; please report it",
  ],
  [
    new IncompleteRemoval("web/c1/eth0", [{ step: "createVeth", cause: refusal("EBUSY") }]),
    103,
    "attachment web/c1/eth0 could not be removed completely: createVeth: RTM_NEWLINK: EBUSY",
    "mend the cause and call again",
  ],
] as const)(
  "toCniError() gives the error's own words and advice when given %s",
  ([error, code, message, details]) => {
    expect(toCniError(error).toDocument("1.1.0")).toEqual({
      cniVersion: "1.1.0",
      code,
      msg: message,
      details,
    });
  },
);

test("toCniError() says which step failed, and what is left, when an error is our own", () => {
  const failure = { step: "reserveAddresses", cause: LOCK };
  expect(toCniError(new StepError(failure, [{ step: "createVeth", cause: refusal("EBUSY") }]))).toMatchObject(
    {
      code: 11,
      message: `reserveAddresses: ${LOCK.message}`,
      details:
        "another call holds it; try again; left behind, GC or DEL will try again: createVeth: RTM_NEWLINK: EBUSY",
    },
  );
});

test("toCniError() leaves the message as it is when a step's error is a CNI error already", () => {
  const cause = new CniError(142, "no lease", "the server is silent");
  expect(toCniError(new StepError({ step: "reserveAddresses", cause }, []))).toMatchObject({
    code: 142,
    message: "no lease",
    details: "the server is silent",
  });
});
