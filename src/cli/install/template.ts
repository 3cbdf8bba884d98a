/** The configuration list that comes with the executable. */

import text from "../../../conf/10-podwire.conflist" with { type: "text" };

/** What `conf/10-podwire.conflist` says, as text. */
export const TEMPLATE: string = text;
