/**
 * What is run both by the engine and under Bun, with the same answers wanted: texts, hashes, what globals.ts adds to the
 * language, programs, much memory, deep recursion. The answers go to standard output as JSON.
 */

import { SyscallError } from "../../src/linux/error.ts";
import { writeAll } from "../../src/linux/file.ts";
import { libc } from "../../src/linux/libc.ts";
import { spawn, xxHash64 } from "../../src/linux/native.ts";

const bytes = (...values: readonly number[]) => new Uint8Array(values);
const decode = (value: Uint8Array) => new TextDecoder().decode(value);
const encode = (text: string) => Array.from(new TextEncoder().encode(text));

const FAULTY = [
  bytes(0x80),
  bytes(0xc0, 0xaf),
  bytes(0xe2, 0x82),
  bytes(0xe2, 0x82, 0x41),
  bytes(0xed, 0xa0, 0x80),
  bytes(0xf0, 0x9f, 0x98),
  bytes(0xf0, 0x80, 0x80, 0x41),
  bytes(0xf4, 0x90, 0x80, 0x80),
  bytes(0xf5, 0x41, 0xff),
  bytes(0x41, 0xc3, 0xc3, 0xa9),
];
const MARKED = bytes(0xef, 0xbb, 0xbf, 0x61);

function texts() {
  return {
    encoded: ["", "aé€😀", "\ud83d", "\ude00x", "a\ud83d\ud83d\ude00", "\0"].map(encode),
    decoded: [bytes(), bytes(0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80), MARKED].map(decode),
    kept: new TextDecoder("utf-8", { ignoreBOM: true }).decode(MARKED),
    faulty: FAULTY.map(decode),
    part: decode(bytes(0x61, 0x62, 0x63, 0x64).subarray(1, 3)),
  };
}

function hashes() {
  const long = "0123456789abcdef".repeat(8);
  return Array.from({ length: long.length }, (_, length) =>
    [0n, 1n, 2n ** 63n].map((seed) => String(xxHash64(long.slice(0, length), seed))),
  );
}

function language() {
  const caused = new SyscallError("open", "ENOENT", "/x");
  const outer = new Error("outer", { cause: caused });
  const list = [3, 1, 2];
  class Resource {
    [Symbol.dispose]() {
      list.push(9);
    }
  }
  {
    using _resource = new Resource();
  }
  return {
    at: [list.at(0), list.at(-1), list.at(7) ?? "none"],
    findLast: [list.findLast((item) => item < 3), list.findLastIndex((item) => item > 100)],
    sorted: [list.toSorted(), list.toSorted((a, b) => b - a), list.toReversed(), list],
    owns: [Object.hasOwn({ a: 1 }, "a"), Object.hasOwn({ a: 1 }, "toString")],
    hex: bytes(0, 15, 16, 255).toHex(),
    errors: [
      caused instanceof Error,
      caused.message,
      caused.name,
      outer.cause === caused,
      "cause" in caused,
      Object.keys(outer).length,
      String(new Error("plain")),
      new TypeError("typed") instanceof Error,
    ],
    big: String((2n ** 128n - 1n) & ~(2n ** 64n - 1n)),
    replaced: "a/b/c".replaceAll("/", "."),
  };
}

const SHORT_MS = 200;
const LONG_MS = 20_000;

/** A signal has a name under Bun and a number here. */
function programs() {
  const many = "x".repeat(300_000);
  const env = spawn("/usr/bin/env", ["PATH=/bin", "EQUAL=a=b", "EMPTY="], bytes(), LONG_MS);
  const cat = spawn("/bin/cat", [], new TextEncoder().encode(many), LONG_MS);
  const deaf = spawn("/bin/true", [], new TextEncoder().encode(many), LONG_MS);
  return {
    environment: typeof env !== "string" && [env.exitCode, decode(env.stdout).split("\n").toSorted()],
    echoed: typeof cat !== "string" && decode(cat.stdout) === many,
    deaf: typeof deaf !== "string" && deaf.exitCode,
    failing: (spawn("/bin/false", [], bytes(), LONG_MS) as { exitCode: number }).exitCode,
    missing: spawn("/no/such/program", [], bytes(), LONG_MS),
    forbidden: spawn("/etc/passwd", [], bytes(), LONG_MS),
    endless: spawn("/bin/sh", [], new TextEncoder().encode("exec sleep 30"), SHORT_MS),
    silent: spawn("/bin/sh", [], new TextEncoder().encode("exec >&-; exec sleep 30"), SHORT_MS),
  };
}

/** Blocks of all sizes, given back in another order than they were taken in. */
function memory() {
  const kept: string[] = [];
  let sum = 0;
  for (let round = 0; round < 200; round++) {
    const texts = Array.from({ length: 50 }, (_, index) => "y".repeat((round * 37 + index * 101) % 5000));
    const buffers = texts.map((text) => new Uint8Array(text.length * 7 + 1).fill(index(text)));
    for (const buffer of buffers) sum += buffer[buffer.length - 1] ?? 0;
    kept.push(texts[round % 50] ?? "");
  }
  return [sum, kept.reduce((total, text) => total + text.length, 0), "z".repeat(20_000_000).length];
}

function index(text: string): number {
  return text.length % 251;
}

function recursion() {
  const deep = "[".repeat(500_000);
  const fails = (action: () => unknown) => {
    try {
      action();
      return "no error";
    } catch (error) {
      return error instanceof Error;
    }
  };
  const endless = (): number => 1 + endless();
  return [fails(() => JSON.parse(deep)), fails(endless), fails(() => JSON.parse("{"))];
}

export function answers(): string {
  return JSON.stringify({
    texts: texts(),
    hashes: hashes(),
    language: language(),
    programs: programs(),
    memory: memory(),
    recursion: recursion(),
  });
}

export function print(): void {
  writeAll(1, new TextEncoder().encode(answers()), "standard output");
  libc._exit(0);
}
