/** What the rows of the full chain are called, for those who write them and those who look for one. */

export const VARIANTS = ["host port", "host port, bandwidth"] as const;
export type Variant = (typeof VARIANTS)[number];

/** Numbers of pods that are there when others come and go. */
export const CROWDS = [1, 100, 500, 1000] as const;

export const AT_ONCE = 50;

/** `calls`: "ADD", or "50 ADDs at once". */
export function callTitle(variant: Variant, calls: string, crowd: number): string {
  return `masquerade, ${variant}: ${calls} with ${pods(crowd)}`;
}

export function connectionsTitle(crowd: number): string {
  return `new connections through a host port with ${pods(crowd)}`;
}

function pods(crowd: number): string {
  return crowd === 1 ? "1 pod" : `${crowd} pods`;
}
