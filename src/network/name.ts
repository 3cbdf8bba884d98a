/** What networks, tiers, endpoints, groups and labels may be called. */

export const NAME_LENGTH = 63;
export const WANT_NAME = `1 to ${NAME_LENGTH} small letters, digits and "-", a letter or digit first and last`;

/** True for an RFC 1123 label: `[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`. Never a path, so that it may become a file's name. */
export function isName(text: string): boolean {
  return isFramed(text, isSmall, "-");
}

export const WANT_LABEL = `1 to ${NAME_LENGTH} letters, digits, "-", "_" and ".", a letter or digit first and last`;

/** True for what Kubernetes takes as the value of a label; here also groups, zones and types. Not empty. */
export function isLabel(text: string): boolean {
  return isFramed(text, isAlphanumeric, "-_.");
}

export const WANT_LABEL_KEY = 'a key like "app" or "example.com/app"';
const LONGEST_DOMAIN = 253;

/** True for the key of a label in Kubernetes: a name, with or without a domain and "/" before it. */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf("/");
  const domain = slash < 0 ? "a" : text.slice(0, slash);
  return domain.length <= LONGEST_DOMAIN && domain.split(".").every(isName) && isLabel(text.slice(slash + 1));
}

/** True where all characters are `isPlain` or one of `inner`, the first and the last plain, 63 at most. */
function isFramed(text: string, isPlain: (code: number) => boolean, inner: string): boolean {
  const last = text.length - 1;
  if (last < 0 || last >= NAME_LENGTH) return false;
  for (let at = 0; at <= last; at++) {
    const isInner = at > 0 && at < last && inner.includes(text.charAt(at));
    if (!isInner && !isPlain(text.charCodeAt(at))) return false;
  }
  return true;
}

function isSmall(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

function isAlphanumeric(code: number): boolean {
  return isSmall(code) || (code >= 0x41 && code <= 0x5a);
}
