/** The manifests in `conf`, as kubectl would read them. */

import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";

const MANIFEST = "conf/daemonset.yaml";

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly securityContext: { readonly capabilities: { readonly add: readonly string[] } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodSpec {
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly name: string }[];
}

// biome-ignore lint/suspicious/noExplicitAny: documents of every shape
export function documents(): any[] {
  return parseAllDocuments(readFileSync(MANIFEST, "utf8")).map((document) => document.toJS());
}

export function documentOf(kind: string) {
  return documents().find((document) => document.kind === kind);
}

export function podSpec(): PodSpec {
  return documentOf("DaemonSet").spec.template.spec;
}
