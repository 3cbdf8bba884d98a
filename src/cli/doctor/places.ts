/** Where the doctor looks: as options say, else as the receipt of the installation, else where things are by default. */

import { runtimeDirectoryOf } from "../../node/configurations.ts";
import type { GlobalOptions } from "../command.ts";
import { listReceipts, type Receipt, readReceiptOf } from "../install/find-receipt.ts";
import { DEFAULT_PLUGIN_DIR } from "../options.ts";

export interface Directories {
  /** Where networks, tiers and endpoints are. */
  readonly configDir: string;
  /** Where the runtime's configurations are. */
  readonly confDir: string;
  /** Where the runtime's plugins are. */
  readonly pluginDirs: readonly string[];
}

export interface Places {
  readonly directories: Directories;
  /** The one that was followed first; none where podwire install has left none. */
  readonly receipts: readonly Receipt[];
}

interface Asked extends GlobalOptions {
  readonly pluginDir?: string;
}

export function findPlaces({ configDir, isConfigDirGiven, pluginDir }: Asked): Places {
  const asked = runtimeDirectoryOf(configDir);
  const receipts = isConfigDirGiven ? receiptsIn(asked) : listReceipts();
  const [receipt] = receipts;
  const plugins = pluginDir ?? receipt?.binDir ?? DEFAULT_PLUGIN_DIR;
  const directories = { configDir, confDir: receipt?.confDir ?? asked, pluginDirs: plugins.split(":") };
  return { directories, receipts };
}

function receiptsIn(confDir: string): Receipt[] {
  const receipt = readReceiptOf(confDir);
  return receipt === undefined ? [] : [receipt];
}
