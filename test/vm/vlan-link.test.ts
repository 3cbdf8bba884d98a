/** vlan and macvlan interfaces, and rates on the card below them, on a kernel that has 802.1q. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { ROUTE, SOCKET } from "../support/node/in-node.ts";
import { evaluateInGuest } from "../support/vm/in-guest.ts";
import { Vm } from "../support/vm/vm.ts";

const IMPORTS = {
  ...ROUTE,
  "src/link/vlan.ts": ["ensureVlanLink", "removeVlanLink"],
  "src/link/macvlan.ts": ["createMacvlan"],
  "src/link/bridge-vlan.ts": ["access", "ensureVlanFiltering", "setPortVlansRequest", "tagged"],
  "src/linux/netns.ts": ["NetnsHandle"],
  "src/shaping/uplink.ts": ["ensureUplinkClass"],
};

let vm: Vm;
beforeAll(async () => {
  vm = await Vm.shared();
});
afterEach(async () => {
  await vm.sh(`for pod in $(ls /run/netns); do ip netns del $pod; done
    for link in $(ls /sys/class/net); do case $link in lo | ifb* | eth0) ;; *) ip link del $link 2> /dev/null || true ;; esac; done
    tc qdisc del dev eth0 root 2> /dev/null || true; ip link set eth0 down`);
});

/** Runs a program that has `socket` and can `ensure(120, mtu)` on eth0; the error's name where it throws. */
function evaluate(body: string) {
  const ensure = `const ensure = (vlan, mtu) => ensureVlanLink(socket, { uplink: getLink(socket, "eth0"), vlan, mtu });`;
  const attempt = `try { ${body} } catch (error) { return error.errno ?? error.name; }`;
  return evaluateInGuest(vm, IMPORTS, `${SOCKET} ${ensure} ${attempt}`);
}

async function links(): Promise<string[]> {
  const all: { ifname: string }[] = await vm.json("ip -j link show");
  return all.map(({ ifname }) => ifname).filter((name) => name.includes(".") || name.startsWith("other"));
}

test("ensureVlanLink() makes the interface of a VLAN once, up and marked", async () => {
  await vm.sh("ip link set eth0 up");
  const made = await evaluate("return [ensure(120), ensure(120)];");
  const [link] = await vm.json("ip -j -d link show dev eth0.120");
  expect(link).toMatchObject({
    link: "eth0",
    mtu: 1500,
    ifalias: "podwire vlan",
    flags: expect.arrayContaining(["UP"]),
    linkinfo: { info_kind: "vlan", info_data: { id: 120, protocol: "802.1Q" } },
  });
  expect(made).toMatchObject([{ ifindex: link.ifindex, mac: link.address }, { ifindex: link.ifindex }]);
});

test("ensureVlanLink() gives the interface the MTU that is asked for when it makes it", async () => {
  await vm.sh("ip link set eth0 up");
  await evaluate("ensure(120, 1400); ensure(120, 1300);");
  expect((await vm.json("ip -j link show dev eth0.120"))[0].mtu).toBe(1400);
  expect(await evaluate("return ensure(121, 1600);")).toBe("EINVAL");
});

test("ensureVlanLink() sets an interface up that somebody made for the VLAN, under whatever name", async () => {
  await vm.sh(
    "ip link set eth0 up; ip link add link eth0 name eth0.120 type vlan id 120; ip link add link eth0 name other type vlan id 121",
  );
  expect(await evaluate("return [ensure(120).ifname, ensure(121).ifname];")).toEqual(["eth0.120", "other"]);
  for (const name of ["eth0.120", "other"])
    expect((await vm.json(`ip -j link show dev ${name}`))[0]).toMatchObject({
      flags: expect.arrayContaining(["UP"]),
    });
  expect(
    await evaluate(`return [removeVlanLink(socket, "eth0.120"), removeVlanLink(socket, "other")];`),
  ).toEqual([false, false]);
});

test.for([
  { name: "another VLAN", make: "link eth0 name eth0.120 type vlan id 7" },
  { name: "a tag of 802.1ad", make: "link eth0 name eth0.120 type vlan proto 802.1ad id 120" },
  {
    name: "the VLAN of another uplink",
    make: "other0 type dummy; ip link add link other0 name eth0.120 type vlan id 120",
  },
])("ensureVlanLink() throws NotThisVlan when the name is that of $name", async ({ make }) => {
  await vm.sh(`ip link set eth0 up; ip link add ${make}`);
  const before = await links();
  expect(await evaluate("return ensure(120);")).toBe("NotThisVlan");
  expect(await links()).toEqual(before);
});

test("removeVlanLink() removes what ensureVlanLink() made, once", async () => {
  await vm.sh("ip link set eth0 up");
  expect(await evaluate(`ensure(120); return [1, 2].map(() => removeVlanLink(socket, "eth0.120"));`)).toEqual(
    [true, false],
  );
  expect(await links()).toEqual([]);
});

/** Packets of the class that `ensureUplinkClass()` made for the pod on eth0. */
async function packetsOfPod(): Promise<number> {
  const classes = await vm.sh("tc -s class show dev eth0 | grep -A1 'parent 7077:2'");
  return Number(/Sent \d+ bytes (\d+) pkt/.exec(classes)?.[1]);
}

const MAC = "02:00:00:00:00:01";
const SHAPE = `ensureUplinkClass(socket, { ifindex: getLink(socket, "eth0").ifindex, mac: "${MAC}", minMbps: 5 });`;

test("ensureUplinkClass() finds a pod's frames when the card carries them tagged, from a macvlan interface", async () => {
  await vm.addNetns("c1");
  await vm.sh("ip link set eth0 up");
  await evaluate(`const netns = NetnsHandle.open("/run/netns/c1");
    const container = NetlinkSocket.open(rtnetlink, { netns });
    const options = { ifname: "eth0", mac: "${MAC}", ifalias: "", mtu: 1500, parent: ensure(120).ifindex, netnsFd: netns.fd };
    createMacvlan({ host: socket, container }, options); ${SHAPE}`);
  await vm.until("grep -q 1 /sys/class/net/eth0.120/carrier");
  await vm.sh("ip -n c1 address add 10.1.0.1/24 dev eth0; ip -n c1 link set eth0 up");
  await vm.run("ip netns exec c1 ping -c 3 -i 0.2 -W 1 10.1.0.2");
  expect(await packetsOfPod()).toBeGreaterThanOrEqual(1); // of the questions who has the address
});

test("ensureUplinkClass() finds a pod's frames when the card carries them tagged, from a bridge's port", async () => {
  await vm.addNetns("c1");
  await vm.sh(`ip link add br0 type bridge; ip link set br0 up; ip link set eth0 master br0 up
    ip link add v0 master br0 type veth peer name eth0 address ${MAC} netns c1; ip link set v0 up
    ip -n c1 address add 10.1.0.1/24 dev eth0; ip -n c1 link set eth0 up`);
  await evaluate(`ensureVlanFiltering(socket, getLink(socket, "br0"));
    socket.request(setPortVlansRequest(getLink(socket, "v0").ifindex, [access(120)]));
    socket.request(setPortVlansRequest(getLink(socket, "eth0").ifindex, [tagged(120)])); ${SHAPE}`);
  await vm.until("grep -q 1 /sys/class/net/eth0/carrier && bridge link show dev eth0 | grep -q forwarding");
  await vm.run("ip netns exec c1 ping -c 3 -i 0.2 -W 1 10.1.0.2");
  expect(await packetsOfPod()).toBeGreaterThanOrEqual(1);
});
