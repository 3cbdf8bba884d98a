/** The Kubernetes API for commands that a person runs. */

import type { ApiClient } from "../kubernetes/client.ts";
import type { ValueOption } from "./command.ts";
import { versionNumber } from "./version.ts";

export const KUBECONFIG_OPTION: ValueOption = {
  flags: "--kubeconfig",
  value: "<file>",
  values: "file",
  reads: "path",
  description: "ask the Kubernetes API by these credentials; default: KUBECONFIG in the environment",
};

/** Loaded only where it is asked. @throws {InvalidAccess} */
export async function openApi(kubeconfig: string): Promise<ApiClient> {
  const [{ ApiClient }, { kubeconfigAccess }] = await Promise.all([
    import("../kubernetes/client.ts"),
    import("../kubernetes/kubeconfig.ts"),
  ]);
  return new ApiClient(await kubeconfigAccess(kubeconfig), {
    version: versionNumber(),
    pace: { attempts: 1 },
  });
}
