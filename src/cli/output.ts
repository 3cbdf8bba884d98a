/** Where the words of attachments go when a person asks: standard error, with all parts of the program at hand. */

import * as named from "../attachment/late.ts";
import type { Output } from "../attachment/output.ts";

export const OUTPUT: Output = { report: console.error, trace: undefined, named };
