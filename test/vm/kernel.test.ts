/** What later tests rely on: the kernel's VLANs, queues and macvlan interfaces. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { Vm } from "../support/vm/vm.ts";

let vm: Vm;
beforeAll(async () => {
  vm = await Vm.shared();
});
afterEach(() => vm.reset());

test("ports of a bridge reach the same VLAN only when it filters", async () => {
  await vm.sh("ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0; ip link set br0 up");
  for (const [index, vlan] of [120, 120, 130].entries()) {
    await vm.addNetns(`pod${index}`);
    await vm.sh(`ip link add port${index} type veth peer name side${index}
      ip link set port${index} master br0 up; bridge vlan add dev port${index} vid ${vlan} pvid untagged`);
    await vm.moveLink(`side${index}`, `pod${index}`, `10.1.0.${index + 1}/24`);
  }
  await vm.until("ip netns exec pod0 ping -c 1 -W 1 10.1.0.2");
  expect((await vm.run("ip netns exec pod0 ping -c 2 -W 1 10.1.0.3")).stdout).toContain("0 received");
});

test("a macvlan interface on a VLAN of one card reaches that VLAN of the other", async () => {
  await vm.addNetns("pod");
  await vm.sh(`ip link set eth0 up; ip link set eth1 up
    for card in 0 1; do ip link add link eth$card name eth$card.120 type vlan id 120; ip link set eth$card.120 up; done
    ip address add 10.1.0.9/24 dev eth1.120; ip link add mac0 link eth0.120 type macvlan mode bridge`);
  await vm.moveLink("mac0", "pod", "10.1.0.1/24");
  await vm.until("ip netns exec pod ping -c 1 -W 1 10.1.0.9");
});

test("packets go through the class that a u32 filter names by address", async () => {
  await vm.sh(`ip link set eth0 up; ip address add 10.1.0.1/24 dev eth0
    ip neighbour add 10.1.0.2 lladdr 02:00:00:00:00:02 dev eth0
    tc qdisc add dev eth0 root handle 1: htb default 20
    for class in 10 20; do tc class add dev eth0 parent 1: classid 1:$class htb rate 1mbit ceil 5mbit; done
    tc filter add dev eth0 parent 1: protocol ip u32 match ip dst 10.1.0.2/32 flowid 1:10`);
  await vm.until("grep -q 1 /sys/class/net/eth0/carrier");
  await vm.run("ping -c 3 -i 0.2 -W 1 10.1.0.2");
  const statistics = await vm.sh("tc -s class show dev eth0 classid 1:10");
  expect(statistics).toContain("rate 1Mbit ceil 5Mbit");
  expect(statistics).toMatch(/Sent 294 bytes 3 pkt/);
});
