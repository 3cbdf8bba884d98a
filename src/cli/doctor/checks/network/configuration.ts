/** The runtime's configurations: which one it takes, and whether podwire can follow its own. */

import { stringField } from "../../../../json/fields.ts";
import { exists, readTextFileIfAny } from "../../../../linux/file.ts";
import type { Configuration } from "../../../../node/configurations.ts";
import { Failure } from "../../../failure.ts";
import { type Candidate, checkContent } from "../../../install/check-conflist.ts";
import { type Check, count, type Finding, fault, ok, orOk, warning } from "../../finding.ts";
import { isOwn } from "../../own-network.ts";
import type { Directories } from "../../places.ts";

const GROUP = "configuration";

export const CONFIGURATION_CHECKS: readonly Check[] = [
  {
    group: GROUP,
    name: "order",
    run: ({ configurations, directories }) => judgeOrder(configurations(), directories.confDir),
  },
  { group: GROUP, name: "form", run: ({ configurations }) => judgeForm(configurations()) },
  {
    group: GROUP,
    name: "content",
    run: ({ configurations, directories }) =>
      judgeContent(
        configurations()
          .filter(hasOwn)
          .map((one) => readContent(one, directories)),
      ),
  },
  {
    group: GROUP,
    name: "plugins",
    run: ({ configurations, directories }) =>
      judgePlugins(configurations(), directories.pluginDirs, (type) =>
        directories.pluginDirs.some((directory) => exists(`${directory}/${type}`)),
      ),
  },
];

function hasOwn({ plugins }: Configuration): boolean {
  return plugins.some(isOwn);
}

/** Plugins that give pods the networks of other configurations. */
const DELEGATING = ["multus", "multus-shim"];

/** Runtimes take the first file by name, and no other; those that none can read are said by the check of their form. */
export function judgeOrder(configurations: readonly Configuration[], confDir: string): Finding[] {
  const first = configurations.find(({ fault: problem }) => problem === undefined);
  const own = configurations.find(hasOwn);
  if (first === undefined || own === undefined) return [nothingOfOurs(first, confDir)];
  if (first === own) return [ok(`the runtime takes ${own.file}, network "${own.name}"`)];
  const types = first.plugins.map(typeOf);
  if (types.some((type) => DELEGATING.includes(type)))
    return [ok(`the runtime takes ${first.file}: ${types[0]} asks podwire for the network "${own.name}"`)];
  return [
    fault(`the runtime takes ${first.file} (${types.join(", ")}), not ${own.file}`, {
      meaning: "files are taken in the order of their names: new pods do not get podwire's network",
      command: setAside(first.file),
    }),
  ];
}

function nothingOfOurs(first: Configuration | undefined, confDir: string): Finding {
  const command = "podwire install --pod-cidr NETWORK";
  if (first === undefined)
    return fault(`there is no configuration in ${confDir}`, {
      meaning: "the runtime reports that the node's network is not ready, and starts no pod",
      command,
    });
  return fault(`no configuration in ${confDir} names podwire`, {
    meaning: `pods get their network from ${first.file}`,
    command,
  });
}

/** Without the suffixes that runtimes look for. */
function setAside(file: string): string {
  return `mv ${file} ${file}.disabled`;
}

function typeOf(plugin: Configuration["plugins"][number]): string {
  try {
    return stringField(plugin, "type") ?? "";
  } catch {
    return ""; // safe: as without one, which is said by the check of plugins
  }
}

/** Whether runtimes can read the files at all, and tell them apart. */
export function judgeForm(configurations: readonly Configuration[]): Finding[] {
  const own = configurations.findIndex(hasOwn);
  const ofWrongForm = configurations.flatMap((configuration, index) => {
    const problem = whyUnreadable(configuration);
    return problem === undefined ? [] : [unreadable(configuration.file, problem, own < 0 || index <= own)];
  });
  const named = Map.groupBy(
    configurations.filter(({ name }) => name !== ""),
    ({ name }) => name,
  );
  const doubled = [...named].flatMap(([name, [first, second]]) =>
    first === undefined || second === undefined ? [] : [sameName(name, first.file, second.file)],
  );
  const text = `${count(configurations.length, "configuration")} that the runtime can read`;
  return orOk([...ofWrongForm, ...doubled], text);
}

/** Runtimes tell by its suffix what a file has to be. */
function whyUnreadable({ file, isList, fault: problem }: Configuration): string | undefined {
  if (problem !== undefined || file.endsWith(".conflist") === isList) return problem;
  return isList
    ? 'has "plugins", so its name has to end in .conflist'
    : 'has no "plugins", so its name has to end in .conf';
}

function unreadable(file: string, problem: string, isFirst: boolean): Finding {
  const trouble = { command: setAside(file) };
  if (isFirst)
    return fault(`${file}: ${problem}`, {
      ...trouble,
      meaning:
        "the runtime meets it before it has a network, and reports that the node's network is not ready",
    });
  return warning(`${file}: ${problem}`, {
    ...trouble,
    meaning: "nobody reads it now; should it come first, the node's network is not ready",
  });
}

function sameName(name: string, first: string, second: string): Finding {
  return warning(`${first} and ${second} both describe the network "${name}"`, {
    meaning: "they share addresses and records, and the runtime takes only one of them",
    command: setAside(second),
  });
}

/** What is to be said of one configuration of podwire. */
export interface Content {
  readonly file: string;
  readonly failure?: Failure;
  readonly warnings: readonly string[];
}

function readContent({ file, isList }: Configuration, { confDir, pluginDirs }: Directories): Content {
  const text = readTextFileIfAny(file) ?? "{}";
  const candidate: Candidate = {
    file,
    text: isList ? text : asList(text),
    binDir: pluginDirs.join(":"),
    confDir,
    confName: file.slice(file.lastIndexOf("/") + 1),
  };
  try {
    return { file, warnings: checkContent(candidate) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { file, failure: error, warnings: [] };
  }
}

/** A single plugin's configuration as the list that the runtime makes of it. */
function asList(text: string): string {
  const { name, cniVersion, ...plugin } = JSON.parse(text);
  return JSON.stringify({ name, cniVersion, plugins: [plugin] });
}

export function judgeContent(contents: readonly Content[]): Finding[] {
  const troubles = contents.flatMap(({ file, failure, warnings }) => [
    ...(failure === undefined ? [] : [refusedContent(failure)]),
    ...warnings.map((text) =>
      fault(`${file}: ${text}`, {
        meaning: "two pods may get the same address, and replies go to the wrong one",
        command: "give one of them another subnet",
      }),
    ),
  ]);
  return orOk(troubles, `${count(contents.length, "configuration")} that podwire can follow`);
}

function refusedContent({ message, advice }: Failure): Finding {
  return fault(message, {
    meaning: "every ADD fails with this message",
    command: advice || "correct the field",
  });
}

/** Of podwire's own configurations: others that come first are to go as a whole. */
export function judgePlugins(
  configurations: readonly Configuration[],
  pluginDirs: readonly string[],
  isThere: (type: string) => boolean,
): Finding[] {
  const missing = configurations.filter(hasOwn).flatMap(({ file, plugins }) =>
    plugins.flatMap((plugin, index) => {
      const type = typeOf(plugin);
      if (type !== "" && isThere(type)) return [];
      const what = type === "" ? 'has no "type"' : `there is no ${type} in ${pluginDirs.join(", ")}`;
      return [
        fault(`${file}: plugins[${index}]: ${what}`, {
          meaning: "every ADD fails when the runtime comes to this plugin",
          command:
            type === "podwire"
              ? `install -m 755 ${process.execPath} ${pluginDirs[0]}/podwire`
              : "install this plugin, or take it out of the list",
        }),
      ];
    }),
  );
  return orOk(missing, "every plugin of the configurations is installed");
}
