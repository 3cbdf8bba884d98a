/** Records of attachments for tests: one on a bridge, with what a test is about put over it. */

import type { AttachmentRecord } from "../../src/attachment/record.ts";

export function record(more: Partial<AttachmentRecord> = {}): AttachmentRecord {
  return {
    network: "mynet",
    containerId: "c1",
    ifname: "eth0",
    kind: "bridge",
    netns: "/run/netns/c1",
    hostIfname: "veth1",
    bridge: "cni0",
    mtu: 1500,
    addressing: { kind: "none" },
    createdAt: "2026-01-01T00:00:00.000Z",
    ...more,
  };
}
