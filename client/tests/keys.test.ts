import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

let keys: typeof import("../src/shell/keys");
const started = async () => {
  vi.resetModules();
  keys = await import("../src/shell/keys");
};
beforeEach(async () => {
  vi.useFakeTimers();
  await started();
});
afterEach(() => vi.useRealTimers());

describe("the key of a wish", () => {
  it("is the same for the same content, even after the client was killed", async () => {
    const key = keys.keyOf("two cabbages");
    await started();

    expect(keys.keyOf("two cabbages")).toBe(key);
    expect(keys.keyOf("three cabbages")).not.toBe(key);
  });

  it("is another one once there was an answer, or after a while", () => {
    const first = keys.keyOf("two cabbages");
    keys.answered("two cabbages");
    const second = keys.keyOf("two cabbages");
    vi.advanceTimersByTime(601_000);

    expect(new Set([first, second, keys.keyOf("two cabbages")]).size).toBe(3);
  });
});
