/** What globals.ts adds to ES2020; only for the check that modules of a plugin call use nothing else. */

interface SymbolConstructor {
  readonly dispose: unique symbol;
}
interface Disposable {
  [Symbol.dispose](): void;
}
interface ErrorOptions {
  cause?: unknown;
}
interface Error {
  cause?: unknown;
}
interface ErrorConstructor {
  new (message?: string, options?: ErrorOptions): Error;
}
interface AddedToArrays<T> {
  at(index: number): T | undefined;
  findLast(isWanted: (item: T, index: number) => boolean): T | undefined;
  findLastIndex(isWanted: (item: T, index: number) => boolean): number;
  toReversed(): T[];
  toSorted(compare?: (a: T, b: T) => number): T[];
}
interface ReadonlyArray<T> extends AddedToArrays<T> {}
interface Array<T> extends AddedToArrays<T> {}
interface Uint8Array {
  toHex(): string;
}
interface ObjectConstructor {
  hasOwn(target: object, name: PropertyKey): boolean;
}
interface String {
  replaceAll(searched: string | RegExp, replacement: string): string;
}
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: "utf-8", options?: { readonly ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
declare const performance: { now(): number };
