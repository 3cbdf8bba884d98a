/** Completion in real shells. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONFIG, reserve, succeed, WEB } from "../support/node/commands.ts";
import type { Node } from "../support/node/node.ts";
import { completionsIn, createShellNode, SHELLS } from "../support/node/shells.ts";
import { attach } from "../support/pod/attachment.ts";

let node: Node;

beforeAll(async () => {
  node = await createShellNode();
  succeed(node, `network create web ${WEB} --zone north`);
  succeed(
    node,
    "network create data -s fd00:1::/64 --start fd00:1::10 --end fd00:1::20 --attach bridge --uplink eth2",
  );
  succeed(node, "endpoint create ep1 -n web");
  succeed(node, "endpoint create ep2 -n data --ns prod");
  reserve(node, "data", "fd00:1::11");
  attach(node, { args: "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart-0" });
  node.sh(`mkdir -p "/run/some/directory"; touch /run/some/file`);
});
afterAll(async () => node[Symbol.asyncDispose]());

/** What stands before the cursor, and what can follow. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["podwire att", ["attachment", "attachments"]],
  ["podwire attachment ", ["c1", "shop/cart-0"]],
  ["podwire attachments --pod sh", ["shop/cart-0"]],
  ["podwire release fd00:1::", ["fd00:1::11"]],
  ["podwire release --network mynet 10", ["10.1.0.2"]],
  ["podwire addresses ", ["data", "mynet", "web"]],
  ["podwire perf-tier ", ["create", "delete", "get", "help", "list"]],
  ["podwire network create --att", ["--attach"]],
  ["podwire network create --attach ", ["bridge", "macvlan", "sriov"]],
  ["podwire network create --attach=m", ["--attach=macvlan"]],
  ["podwire network get ", ["data", "web"]],
  [`podwire --config-dir ${CONFIG} network get w`, ["web"]],
  ["podwire network get --config-dir /nowhere ", []],
  ["podwire network update web --zone n", ["north"]],
  ["podwire attachments --network=we", ["--network=web"]],
  ["podwire perf-tier get h", ["high"]],
  ["podwire endpoint delete ", ["ep1"]],
  ["podwire endpoint delete --ns prod ", ["ep2"]],
  ["podwire endpoint delete --ns ", ["default", "prod"]],
  ["podwire network create web --uplink eth", ["eth1", "eth2"]],
  ["podwire install --runtime p", ["podman"]],
  ["podwire install --conf /run/some/", ["/run/some/directory", "/run/some/file"]],
  ["podwire install --conf=/run/some/fi", ["--conf=/run/some/file"]],
  ["podwire install --bin-dir /run/some/", ["/run/some/directory"]],
  ["podwire completion z", ["zsh"]],
  ["podwire doctor kernel p", ["pools"]],
  ["podwire trace shop/", ["shop/cart-0"]],
  ["podwire network get web --j", ["--json"]],
  ["podwire network get web --json --j", []],
];

describe.for(SHELLS)("%s", (shell) => {
  test.for(CASES)("completes '%s'", ([line, wanted]) => {
    expect(completionsIn(node, shell, line)).toEqual(wanted);
  });
});
