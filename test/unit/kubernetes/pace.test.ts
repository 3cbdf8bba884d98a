/** Pauses between attempts. */

import { expect, test } from "vitest";
import { PACE, pause, pauseMs } from "../../../src/kubernetes/pace.ts";

test("pauseMs() doubles from 0.8 s up to 30 s", () => {
  const pauses = [1, 2, 3, 6, 7, 100].map((failures) => pauseMs(failures, PACE, () => 0.5));
  expect(pauses).toEqual([800, 1600, 3200, 25_600, 30_000, 30_000]);
});

test("pauseMs() is half to one and a half of that, by chance", () => {
  expect([0, 1].map((random) => pauseMs(1, PACE, () => random))).toEqual([400, 1200]);
});

test("pause() ends at once where the signal is given, before or meanwhile", async () => {
  const ending = new AbortController();
  const waiting = pause(600_000, ending.signal);
  ending.abort();
  await waiting;
  await pause(600_000, ending.signal);
});
