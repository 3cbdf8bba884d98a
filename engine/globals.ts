/** What QuickJS of 2021 has not of the language and its globals, as far as modules of a plugin call use it. */

Object.defineProperty(Symbol, "dispose", { value: Symbol("Symbol.dispose") });

function define(target: object, methods: object): void {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
}

define(Array.prototype, {
  at<T>(this: readonly T[], index: number) {
    return this[index < 0 ? this.length + index : index];
  },
  findLast<T>(this: readonly T[], isWanted: (item: T, index: number) => boolean) {
    return this[this.findLastIndex(isWanted)];
  },
  findLastIndex<T>(this: readonly T[], isWanted: (item: T, index: number) => boolean) {
    let index = this.length - 1;
    while (index >= 0 && !isWanted(this[index] as T, index)) index--; // `as`: within its length
    return index;
  },
  toReversed<T>(this: readonly T[]) {
    return this.slice().reverse();
  },
  toSorted<T>(this: readonly T[], compare?: (a: T, b: T) => number) {
    return this.slice().sort(compare);
  },
});
define(Uint8Array.prototype, {
  toHex(this: Uint8Array) {
    let text = "";
    for (const byte of this) text += (byte < 16 ? "0" : "") + byte.toString(16);
    return text;
  },
});
define(Object, {
  // Not by hasOwnProperty: minifiers make hasOwn of it.
  hasOwn: (target: object, name: PropertyKey) => Reflect.getOwnPropertyDescriptor(target, name) !== undefined,
});

/** Error that knows its cause; classes of ours extend it. */
const PlainError = Error;
function CausedError(message?: string, options?: ErrorOptions): Error {
  const error = Reflect.construct(
    PlainError,
    message === undefined ? [] : [message],
    new.target ?? CausedError,
  );
  if (options !== undefined && "cause" in options) define(error, { cause: options.cause });
  return error;
}
CausedError.prototype = PlainError.prototype;
PlainError.prototype.constructor = CausedError;

class Encoder {
  encode(text: string): Uint8Array {
    return native.encodeText(text);
  }
}
class Decoder {
  readonly #keepsMark: boolean;

  constructor(_label?: string, options?: { readonly ignoreBOM?: boolean }) {
    this.#keepsMark = options?.ignoreBOM === true;
  }

  decode(bytes: Uint8Array): string {
    const text = native.decodeText(bytes);
    return text.charCodeAt(0) === 0xfeff && !this.#keepsMark ? text.slice(1) : text;
  }
}
define(globalThis, {
  Error: CausedError,
  TextEncoder: Encoder,
  TextDecoder: Decoder,
  performance: { now: () => native.now() },
});
