/** How much of a long name, and of a long list, is shown. */

/** Of a container's ID, as docker(1) and ctr show it. */
const SHORT_ID = 12;
/** Names in an error's message. */
const NAMED_AT_MOST = 5;

export function shortId(containerId: string): string {
  return containerId.slice(0, SHORT_ID);
}

/** `a, b and 3 more` */
export function enumerate(names: readonly string[], atMost = NAMED_AT_MOST): string {
  const named = names.slice(0, atMost).join(", ");
  return names.length > atMost ? `${named} and ${names.length - atMost} more` : named;
}
