/** A node with an address plugin that is a shell script: it records each call and answers as the test says. */

import { Node } from "../node/node.ts";
import { REFERENCE_BIN } from "./reference.ts";

const DIRECTORY = "/run/ipam";
const PLUGINS = `${DIRECTORY}/bin`;

const SCRIPT = `#!/bin/sh
number=$(ls ${DIRECTORY}/calls | wc -l)
call=${DIRECTORY}/calls/$(printf %03d "$number")
mkdir "$call"
env | grep '^CNI_' | sort > "$call/env"
cat > "$call/stdin"
[ -e ${DIRECTORY}/stderr ] && cat ${DIRECTORY}/stderr >&2
[ -e ${DIRECTORY}/answer.$CNI_COMMAND ] && cat ${DIRECTORY}/answer.$CNI_COMMAND
[ -e ${DIRECTORY}/exit.$CNI_COMMAND ] && exit "$(cat ${DIRECTORY}/exit.$CNI_COMMAND)"
[ -e ${DIRECTORY}/kill.$CNI_COMMAND ] && kill -9 $$
exit 0
`;

/** One call that the script saw. */
export interface Recorded {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

export interface PodCall {
  readonly command: string;
  readonly conf: object | string;
  readonly containerId?: string;
  readonly args?: string;
}

export const ANSWER = {
  cniVersion: "1.0.0",
  ips: [{ address: "10.1.0.5/24", gateway: "10.1.0.1" }],
  routes: [{ dst: "0.0.0.0/0" }],
  dns: { nameservers: ["10.1.0.53"] },
};

export class RecorderNode {
  readonly node: Node;

  private constructor(node: Node) {
    this.node = node;
  }

  /** @param name what the script is called in CNI_PATH; it answers ADD with ANSWER */
  static async create(name = "recorder"): Promise<RecorderNode> {
    const recorder = new RecorderNode(await Node.create());
    recorder.node.sh(`mkdir -p ${PLUGINS} ${DIRECTORY}/calls`);
    recorder.write(`bin/${name}`, SCRIPT);
    recorder.node.sh(`chmod +x ${PLUGINS}/${name}`);
    recorder.node.addPod("pod1");
    recorder.answer("ADD", ANSWER);
    return recorder;
  }

  write(file: string, text: string): void {
    this.node.run(["sh", "-ec", `cat > ${DIRECTORY}/${file}`], { input: text });
  }

  /** What the script prints for a verb, and its exit status. */
  answer(command: string, document: object | string, exitCode = 0): void {
    this.write(`answer.${command}`, typeof document === "string" ? document : JSON.stringify(document));
    this.write(`exit.${command}`, String(exitCode));
  }

  /** One call of podwire for the pod's eth0, as `containerId` or c1. */
  call({ command, conf, containerId = "c1", args }: PodCall) {
    const isPod = ["ADD", "CHECK", "DEL"].includes(command);
    return this.node.cni({
      command,
      conf,
      ...(isPod ? { containerId, netns: "/run/netns/pod1", ifname: "eth0" } : {}),
      ...(args === undefined ? {} : { args }),
      env: { CNI_PATH: `${PLUGINS}:${REFERENCE_BIN}` },
    });
  }

  /** The calls that the script saw, in order. */
  calls(): Recorded[] {
    const names = this.node
      .sh(`ls ${DIRECTORY}/calls`)
      .split("\n")
      .filter((name) => name !== "");
    return names.map((name) => {
      const lines = this.node.sh(`cat ${DIRECTORY}/calls/${name}/env`).trim().split("\n");
      const env = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      );
      return {
        command: env.CNI_COMMAND ?? "",
        env,
        stdin: this.node.sh(`cat ${DIRECTORY}/calls/${name}/stdin`),
      };
    });
  }

  /** The verbs of the calls. */
  verbs(): string[] {
    return this.calls().map(({ command }) => command);
  }

  /** What a failed ADD or a DEL may not leave: veth ends and records. */
  leftovers(): { links: string[]; records: string } {
    const links: { ifname: string }[] = this.node.json("ip -j link show type veth");
    const records = this.node.sh("find /run/podwire -name '*.json' 2>/dev/null || true");
    return { links: links.map(({ ifname }) => ifname), records };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
  }
}
