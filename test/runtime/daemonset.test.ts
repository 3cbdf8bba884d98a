/** `conf/daemonset.yaml`: what Kubernetes takes, and what the program knows. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DaemonSet } from "kubernetes-models/apps/v1/DaemonSet";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import { expect, test } from "vitest";
import { Agent } from "../support/node/agent.ts";
import { writeFile } from "../support/node/commands.ts";
import { BIN_DIR, createBareNode } from "../support/node/install.ts";
import { type Node, PODWIRE } from "../support/node/node.ts";
import { documentOf, documents, podSpec } from "../support/runtime/manifest.ts";

const MODELS = { Namespace, ServiceAccount, ConfigMap, DaemonSet };
const KINDS = ["Namespace", "ServiceAccount", "ConfigMap", "DaemonSet"] as const;

/** Where the ConfigMap is on a node of the test. */
const CONFIG = "/run/config";

test("the manifest has one document of each kind, the namespace first", () => {
  expect(documents().map(({ kind }) => kind)).toEqual(KINDS);
});

test.for(KINDS)("the manifest's %s is what the API's schema wants", (kind) => {
  expect(() => new MODELS[kind](documentOf(kind)).validate()).not.toThrow();
});

test("the manifest has no field that the API does not know", () => {
  const directory = mkdtempSync(join(tmpdir(), "podwire-manifest-"));
  try {
    // The schema lets unknown fields pass, as the API server does; the compiler does not, where types were made from it.
    const lines = documents().map((document) => {
      const group = document.apiVersion === "v1" ? "v1" : document.apiVersion;
      const type = `import("${resolve("node_modules/kubernetes-models")}/${group}/${document.kind}").I${document.kind}`;
      return `export const ${document.kind}: ${type} = ${JSON.stringify(document)};\n`;
    });
    writeFileSync(join(directory, "manifest.ts"), lines.join(""));
    const options =
      "--noEmit --strict --skipLibCheck --module preserve --moduleResolution bundler --ignoreConfig";
    execFileSync(resolve("node_modules/.bin/tsc"), [...options.split(" "), join(directory, "manifest.ts")], {
      encoding: "utf8",
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("the manifest installs the configuration that the program comes with", () => {
  expect(documentOf("ConfigMap").data["10-podwire.conflist"]).toBe(
    readFileSync("conf/10-podwire.conflist", "utf8"),
  );
});

test("the manifest names the image of this version", () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(podSpec().containers[0].image).toBe(`podwire:${version}`);
});

test("the manifest mounts a volume at every path of the program's arguments and has no other volume", () => {
  const { containers, volumes } = podSpec();
  const [{ args, volumeMounts }] = containers;
  const paths = args.flatMap((argument) => /=(\/.*)$/.exec(argument)?.[1] ?? []);
  const isMounted = (path: string) =>
    volumeMounts.some(({ mountPath }) => `${path}/`.startsWith(`${mountPath}/`));
  expect(paths.filter((path) => !isMounted(path))).toEqual([]);
  expect(new Set(volumeMounts.map(({ name }) => name))).toEqual(new Set(volumes.map(({ name }) => name)));
});

test("the manifest asks for its health where the program answers", () => {
  const { startupProbe, readinessProbe } = documentOf("DaemonSet").spec.template.spec.containers[0];
  for (const { httpGet } of [startupProbe, readinessProbe])
    expect(podSpec().containers[0].args).toContain(`--listen=${httpGet.host}:${httpGet.port}`);
});

/** A node with a dead pod, whose directory of plugins is somebody else's. */
async function createNode(): Promise<Node> {
  const node = await createBareNode();
  const ipam = { type: "host-local", subnet: "10.244.0.0/16" };
  const conf = { cniVersion: "1.0.0", name: "podwire", type: "podwire", ipMasq: true, ipam };
  node.cni({ command: "ADD", conf, containerId: "dead", netns: node.addPod("dead"), ifname: "eth0" });
  node.sh(`ip netns del dead; chown 1001 ${BIN_DIR}; chmod 755 ${BIN_DIR}`);
  writeFile(node, `${CONFIG}/10-podwire.conflist`, documentOf("ConfigMap").data["10-podwire.conflist"]);
  return node;
}

/** The container's command with these capabilities alone. */
function startWith(node: Node, capabilities: readonly string[]): Promise<Agent> {
  const set = ["-all", ...capabilities.map((name) => `+${name.toLowerCase()}`)].join(",");
  const args = podSpec().containers[0].args.map((argument) => argument.replace("/etc/podwire", CONFIG));
  return Agent.run(node, ["setpriv", `--bounding-set=${set}`, "--", PODWIRE, ...args]);
}

const CAPABILITIES = podSpec().containers[0].securityContext.capabilities.add;

test("the agent starts, installs and frees what a dead pod left when it has the manifest's arguments and capabilities", async () => {
  await using node = await createNode();
  await using agent = await startWith(node, CAPABILITIES);
  expect(agent.log.filter(({ msg }) => msg === "cleaned up")).toMatchObject([{ what: "podwire/dead/eth0" }]);
  expect(agent.log.filter(({ level }) => Number(level) > 30)).toEqual([]);
  node.sh(`cmp ${PODWIRE} ${BIN_DIR}/podwire`);
});

test.for([
  ["NET_ADMIN", /could not be cleaned up.*EPERM/],
  ["DAC_OVERRIDE", /EACCES/],
] as const)("the agent fails when it has the manifest's capabilities but %s", async ([missing, message]) => {
  await using node = await createNode();
  const rest = CAPABILITIES.filter((name) => name !== missing);
  expect(rest).toHaveLength(CAPABILITIES.length - 1);
  const said = await startWith(node, rest).then(
    async (agent) => {
      await agent.stop("SIGTERM");
      return agent.log.map((line) => `${line.msg} ${line.problem}`).join("\n");
    },
    (error: Error) => error.message,
  );
  expect(said).toMatch(message);
});
