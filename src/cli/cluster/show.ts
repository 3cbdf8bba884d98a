/** `podwire cluster`: what the agent has written down, as a table. */

import { isAgentRunning } from "../../agent/alone.ts";
import { type ClusterStatus, type NodeStatus, readStatus } from "../../cluster/status.ts";
import type { Call } from "../command.ts";
import { refused, STATUS } from "../failure.ts";
import { formatMark } from "../mark.ts";
import { type OutputOptions, printJson, printList, type View } from "../print.ts";

export function showCluster({ options, finish }: Call<OutputOptions>): void {
  const status = readStatus();
  if (status === undefined)
    throw refused(
      "this node is in no cluster",
      'podwire agent joins one where its configuration (/etc/podwire/agent.json) has "cluster"',
    );
  const isRunning = isAgentRunning();
  const problems = problemsOf(status, isRunning);
  if (options.json === true) printJson({ ...status, isAgentRunning: isRunning });
  else {
    printList(options, viewOf(status), status.nodes);
    if (problems.length + status.warnings.length > 0) console.log("");
    for (const warning of status.warnings) console.log(`${formatMark("warning")} ${warning}`);
    for (const problem of problems) console.log(`${formatMark("fault")} ${problem}`);
  }
  if (problems.length > 0) finish(STATUS.failed);
}

function problemsOf({ node, nodes, problems, updated }: ClusterStatus, isRunning: boolean): string[] {
  const others = nodes.filter(({ state }) => state === "problem");
  return [
    ...(isRunning
      ? []
      : [`podwire agent does not run: this is as of ${updated}, and nothing is mended or followed`]),
    ...problems,
    ...others.flatMap((other) =>
      other.name === node ? [] : other.problems.map((one) => `${other.name} ${one}`),
    ),
  ];
}

const viewOf = ({ node }: ClusterStatus): View<NodeStatus> => ({
  headers: ["NODE", "ADDRESS", "RANGES", "TRANSPORT", "MTU", "STATE", "SINCE"],
  toRow: ({ name, addresses, ranges, transport, mtu, state, since }) => [
    name === node ? `${name} *` : name,
    addresses.join(","),
    ranges.join(","),
    transport.join(",") || "-",
    mtu === null ? "-" : String(mtu),
    state === "self" ? "ready" : state,
    since.replace(/\.\d+Z$/, "Z"),
  ],
  toJson: (status) => status,
});
