/** EUI-48 MAC addresses: canonical text is six lower-case hex pairs with colons. */

const FORMS = [
  /^([0-9a-f]{2}):([0-9a-f]{2}):([0-9a-f]{2}):([0-9a-f]{2}):([0-9a-f]{2}):([0-9a-f]{2})$/i,
  /^([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})$/i,
  /^([0-9a-f]{2})([0-9a-f]{2})\.([0-9a-f]{2})([0-9a-f]{2})\.([0-9a-f]{2})([0-9a-f]{2})$/i,
];

/** Reads `aa:bb:cc:dd:ee:ff`, `aa-bb-…` or `aabb.ccdd.eeff`, in any case, into canonical text; else undefined. */
export function parseMac(text: string): string | undefined {
  for (const form of FORMS) {
    const match = form.exec(text);
    if (match !== null) return match.slice(1).join(":").toLowerCase();
  }
  return undefined;
}

export function macToBytes(mac: string): Uint8Array {
  return new Uint8Array(mac === "" ? [] : mac.split(":").map((pair) => Number.parseInt(pair, 16)));
}

export function macFromBytes(bytes: Uint8Array): string {
  return withColons(bytes.toHex());
}

/** Puts a colon after each pair of digits but the last. */
function withColons(hex: string): string {
  let text = hex.slice(0, 2);
  for (let at = 2; at < hex.length; at += 2) text += `:${hex.slice(at, at + 2)}`;
  return text;
}

/** True where a station may bear it: neither a group address nor all zero (IEEE 802, `is_valid_ether_addr`). */
export function isStationMac(mac: string): boolean {
  const bytes = macToBytes(mac);
  return ((bytes[0] ?? 1) & 1) === 0 && bytes.some((byte) => byte !== 0);
}

const LOCAL_BIT = 0x02_00_00_00_00_00n;
const GROUP_BIT = 0x01_00_00_00_00_00n;

/** A locally administered station address whose other bits are the low 46 of `seed`. */
export function localMac(seed: bigint): string {
  const number = (seed & 0xff_ff_ff_ff_ff_ffn & ~GROUP_BIT) | LOCAL_BIT;
  return withColons(number.toString(16).padStart(12, "0"));
}
