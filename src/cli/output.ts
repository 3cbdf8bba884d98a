/** Where the words of attachments go when a person asks: standard error. */

import type { Output } from "../attachment/output.ts";

export const OUTPUT: Output = { report: console.error, trace: undefined };
