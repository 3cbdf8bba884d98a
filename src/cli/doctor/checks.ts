/** Every check, in the order in which a person reads them: what pods stand on first. */

import { DRIFT_CHECKS } from "./drift.ts";
import type { Check } from "./finding.ts";
import { LEAK_CHECKS } from "./leaks.ts";
import { POOL_CHECKS } from "./pools.ts";

export const CHECKS: readonly Check[] = [...POOL_CHECKS, ...LEAK_CHECKS, ...DRIFT_CHECKS];

export const GROUPS: readonly string[] = [...new Set(CHECKS.map(({ group }) => group))];
