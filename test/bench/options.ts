/** The command line of the benchmark. */

import { parseArgs } from "node:util";
import { SUITES } from "./suite.ts";

export const HELP = `Usage: scripts/bench [--suite NAME]... [--pairs N | --quick]
                     [--reference DIRECTORY | --against FILE]... [--json FILE] [--plot FILE] [--check]

Measures plugin calls of podwire and of the reference plugins in turn, on nodes of their own
(network and mount namespaces), under one thin caller, as root. Prints medians of wall time,
CPU time and peak memory, and podwire's wall time as a multiple of each other's.

  --suite bridge      attachments to a bridge, and podwire's own in mode ptp
  --suite traffic     with masquerade and a host port, and with bandwidth limits too, against a
                      chain of bridge, portmap and bandwidth with each backend, and new
                      connections through host ports
  --suite networks    a pod on a network by name against one on a plain bridge, the list of many
                      networks, the choice among many virtual functions; default: all suites
  --pairs N           rounds for each row (40)
  --quick             10 rounds; in the suite traffic 5, with at most 100 pods
  --reference DIRECTORY  a directory with the reference's bridge and host-local, portmap and bandwidth
                      (Debian's /usr/lib/cni, in the suite bridge only, and the one that
                      scripts/reference fills)
  --against FILE      another executable of podwire in the place of the reference plugins, in the
                      suites bridge and traffic: what a change costs, as a ratio of pairs
  --json FILE         write all measurements and the summary to FILE
  --plot FILE         draw ADD and DEL of the suite traffic against pods present, as SVG
  --check             exit 1 where a target is missed; a row that was not measured misses none
  --help              this text

PODWIRE_BIN names the executable to measure (dist/podwire).
`;

export interface Options {
  readonly suites: readonly string[];
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly directories?: readonly string[];
  readonly others?: readonly string[];
  readonly jsonFile?: string;
  readonly plotFile?: string;
  readonly isChecked: boolean;
}

/** @throws {TypeError} an option that is unknown or has a wrong value */
export function readOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      suite: { type: "string", multiple: true, default: Object.keys(SUITES) },
      pairs: { type: "string" },
      quick: { type: "boolean", default: false },
      reference: { type: "string", multiple: true },
      against: { type: "string", multiple: true },
      json: { type: "string" },
      plot: { type: "string" },
      check: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const unknown = values.suite.find((name) => !Object.hasOwn(SUITES, name));
  if (unknown !== undefined)
    throw new TypeError(`--suite ${unknown}: want ${Object.keys(SUITES).join(", ")}`);
  if (values.plot !== undefined && !values.suite.includes("traffic"))
    throw new TypeError("--plot draws the suite traffic, which is not measured");
  if (values.against !== undefined && values.reference !== undefined)
    throw new TypeError("--against stands in the place of --reference: give one of them");
  return {
    suites: [...new Set(values.suite)],
    rounds: toRounds(values.pairs, values.quick),
    isQuick: values.quick,
    isChecked: values.check,
    ...(values.reference === undefined ? {} : { directories: values.reference }),
    ...(values.against === undefined ? {} : { others: values.against }),
    ...(values.json === undefined ? {} : { jsonFile: values.json }),
    ...(values.plot === undefined ? {} : { plotFile: values.plot }),
  };
}

function toRounds(pairs: string | undefined, isQuick: boolean): number {
  if (pairs === undefined) return isQuick ? 10 : 40;
  const rounds = Number(pairs);
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new TypeError(`--pairs ${pairs}: want a whole number above 0`);
  return rounds;
}
