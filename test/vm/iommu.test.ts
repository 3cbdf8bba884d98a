import { beforeAll, expect, test } from "vitest";
import { Vm } from "../support/vm/vm.ts";

let vm: Vm;
beforeAll(async () => {
  vm = await Vm.shared();
});

const DEVICE = "/sys/bus/pci/devices/0000:01:10.0";

/** Gives the function to a driver, as its override, or to any where there is none. */
function bind(driver: string): Promise<string> {
  return vm.sh(`echo "${driver}" > ${DEVICE}/driver_override; echo 0000:01:10.0 > ${DEVICE}/driver/unbind
    echo 0000:01:10.0 > /sys/bus/pci/drivers_probe; basename $(readlink ${DEVICE}/driver)`);
}

test("a function is a device of its own for user space when vfio-pci has it", async () => {
  await vm.addVfs("eth0", 1);
  await vm.sh("modprobe vfio-pci");
  expect(await bind("vfio-pci")).toBe("vfio-pci\n");
  const group = (await vm.sh(`basename $(readlink ${DEVICE}/iommu_group)`)).trim();
  expect(await vm.sh(`stat -c %F /dev/vfio/${group}; ls ${DEVICE}/iommu_group/devices`)).toBe(
    "character special file\n0000:01:10.0\n",
  );
  expect((await vm.run(`ls ${DEVICE}/net`)).status).toBe(2);
  await vm.removeVfs("eth0");
});

test("a function takes the address that the card gave it meanwhile when its own driver has it again", async () => {
  await vm.addVfs("eth0", 1);
  await vm.sh("modprobe vfio-pci");
  await bind("vfio-pci");
  await vm.sh("ip link set eth0 vf 0 mac 02:00:00:00:00:07 vlan 120");
  expect(await bind("")).toBe("igbvf\n");
  await vm.until(`ls ${DEVICE}/net/*`);
  expect(await vm.sh(`cat ${DEVICE}/net/*/address`)).toBe("02:00:00:00:00:07\n");
  await vm.removeVfs("eth0");
});
