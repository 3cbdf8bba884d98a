/** The probe as the engine runs it: in the place of a plugin call. */

import { print } from "./probe.ts";

native.onCall = print;
