import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { calls, platform } from "./platform";

let queue: typeof import("../src/shell/queue");
const code = (digits: string) => ({ code: digits });

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.resetModules();
  queue = await import("../src/shell/queue");
});
afterEach(() => vi.useRealTimers());

const states = () => queue.queue.deeds.map((deed) => deed.state);

describe("deeds that wait for the network", () => {
  it("are done at once where there is one", async () => {
    platform.answer = () => ({ status: 200, body: { id: "k1" } });

    const deed = await queue.put("door", "/collect", code("1"));

    expect([deed.state, deed.answer]).toEqual(["done", { id: "k1" }]);
  });

  it("wait without one, and are sent in their order under their own keys once it is back", async () => {
    platform.answer = () => "offline";
    await queue.put("door", "/collect", code("1"));
    await queue.put("door", "/collect", code("2"));
    expect([states(), queue.queue.offline]).toEqual([["waiting", "waiting"], true]);

    platform.asked = [];
    platform.answer = () => ({ status: 200, body: {} });
    await vi.advanceTimersByTimeAsync(10_000);

    expect(states()).toEqual(["done", "done"]);
    expect(calls().map((wish) => wish.body)).toEqual([code("1"), code("2")]);
    expect(new Set(calls().map((wish) => wish.headers["Idempotency-Key"])).size).toBe(2);
  });

  it("keep their key, however often they are tried", async () => {
    platform.answer = () => "offline";
    await queue.put("door", "/collect", code("1"));
    await queue.sync();

    expect(new Set(calls().map((wish) => wish.headers["Idempotency-Key"])).size).toBe(1);
  });

  it("outlive the client", async () => {
    platform.answer = () => "offline";
    await queue.put("door", "/collect", code("1"));
    vi.resetModules();
    const again = await import("../src/shell/queue");
    platform.answer = () => ({ status: 200, body: {} });

    await again.sync();

    expect(again.queue.deeds.map((deed) => [deed.body, deed.state])).toEqual([[code("1"), "done"]]);
  });

  it("can be taken back while nobody heard of them, and not later", async () => {
    const early = await queue.put("door", "/collect", code("1"), 5000);
    expect(calls()).toEqual([]);
    expect(queue.takeBack(early.key)).toBe(true);
    const late = await queue.put("door", "/collect", code("2"), 5000);
    await vi.advanceTimersByTimeAsync(5000);

    expect(queue.takeBack(late.key)).toBe(false);
    expect(calls().map((wish) => wish.body)).toEqual([code("2")]);
  });

  it("keep the reason of a refusal and let the next ones pass", async () => {
    platform.answer = () => "offline";
    await queue.put("door", "/collect", code("1"));
    await queue.put("door", "/collect", code("2"));
    platform.answer = ({ body }) => ((body as { code: string }).code === "1" ? { status: 409, body: { title: "已在别处交货。" } } : { status: 200, body: {} });

    await queue.sync();

    expect(queue.queue.deeds.map((deed) => [deed.state, deed.why])).toEqual([["refused", "已在别处交货。"], ["done", ""]]);
  });

  it.each([500, 503, 401])("wait on after a %i", async (status) => {
    platform.answer = () => ({ status });

    await queue.put("door", "/collect", code("1"));

    expect(states()).toEqual(["waiting"]);
  });

  it("are refused by a 429 to who stands there waiting, and wait on where nobody does", async () => {
    platform.answer = () => ({ status: 429, body: { title: "错误的取货码太多。" } });

    const now = await queue.put("door", "/collect", code("1"));
    await queue.put("door", "/collect", code("2"), 5000);
    await vi.advanceTimersByTimeAsync(5000);

    expect([now.state, now.why]).toEqual(["refused", "错误的取货码太多。"]);
    expect(states()).toEqual(["refused", "waiting"]);
  });

  it("say why they wait", async () => {
    platform.answer = () => ({ status: 503, body: { title: "维护中。" } });

    const deed = await queue.put("door", "/collect", code("1"));

    expect([deed.why, queue.queue.offline]).toEqual(["维护中。", false]);
    platform.answer = () => ({ status: 200, body: {} });
    await queue.sync();
    expect([deed.state, queue.find(deed.key)!.why]).toEqual(["done", ""]);
  });

  it("know that their sender is signed out, until they are sent", async () => {
    platform.answer = () => ({ status: 401 });
    await queue.put("door", "/collect", code("1"));
    expect(queue.queue.signedOut).toBe(true);

    platform.answer = () => ({ status: 200, body: {} });
    await vi.advanceTimersByTimeAsync(10_000);

    expect([states(), queue.queue.signedOut]).toEqual([["done"], false]);
  });
});
