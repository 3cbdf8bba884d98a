/** What later tests rely on: the kernel's simulated card takes those settings that the emulated one refuses. */

import { beforeAll, expect, test } from "vitest";
import { Vm } from "../support/vm/vm.ts";

let vm: Vm;
beforeAll(async () => {
  vm = await Vm.shared();
  await vm.addSimulatedPf("sim0", 2);
});

test.each([
  ["vlan 120 qos 3 proto 802.1ad", { vlan_list: [{ vlan: 120, qos: 3, protocol: "802.1ad" }] }],
  ["min_tx_rate 10 max_tx_rate 100", { rate: { min_tx: 10, max_tx: 100 } }],
  ["state disable", { link_state: "disable" }],
  ["trust on", { trust: true }],
  ["spoofchk on", { spoofchk: true }],
  ["mac 02:00:00:00:00:07", { address: "02:00:00:00:00:07" }],
])("a function has %s when it is set", async (setting, expected) => {
  await vm.sh(`ip link set sim0 vf 1 ${setting}`);
  expect((await vm.json("ip -j link show sim0"))[0].vfinfo_list[1]).toMatchObject(expected);
});
