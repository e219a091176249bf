import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { calls, platform } from "./platform";

let handout: typeof import("../src/kinds/door");

const GOODS = [{ name: "上海青", name_en: "Bok choy", spec: "300g", unit: "袋", picture: "goods/broccoli.webp", quantity: 2 }];
const CODES: Record<string, string> = { k1: "111111", k2: "222222", k3: "333333" };

const person = (id: string, name: string, rest = {}) => ({
  id, name, phone: "138****8000", state: "waiting", units: 2, basket: null, goods: GOODS, checks: [handout.check(id, CODES[id]!)], ...rest,
});

const day = () => new handout.Day("/leader/pickups?sale_on=2026-11-22", "/leader/pickups/collect", "2026-11-22", 5);
const posts = () => calls().filter((wish) => wish.method === "POST");
const names = (today: ReturnType<typeof day>, given: { key: string; code: string }) => today.whom(given).map((one) => one.name);

let people: ReturnType<typeof person>[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.resetModules();
  handout = await import("../src/kinds/door");
  people = [person("k1", "王**"), person("k2", "李**"), person("k3", "张**")];
  online();
});
afterEach(() => vi.useRealTimers());

function online(): void {
  platform.answer = ({ method, body }) => {
    if (method === "GET") return { status: 200, body: { pickups: people } };
    const found = people.find((one) => CODES[one.id] === (body as { code: string }).code);
    if (!found) return { status: 404, body: { title: "没有这个取货码。" } };
    if (found.state !== "waiting") return { status: 409, body: { title: "这些货已经交出去了。" } };
    found.state = "collected";
    return { status: 200, body: { id: found.id } };
  };
}
const offline = () => (platform.answer = () => "offline");

describe("handing out", () => {
  it("mixes a code with its pickup as the server does", () => {
    expect([handout.check("Rk3vTq9Z", "042917"), handout.check("", "")]).toEqual([fnv("Rk3vTq9Z:042917"), fnv(":")]);
  });

  it("knows at once whose goods a code is for, and tells the server after the time for second thoughts", async () => {
    const today = day();
    await today.read();

    const given = await today.hand("222222");
    expect([names(today, given), posts()]).toEqual([["李**"], []]);
    await vi.advanceTimersByTimeAsync(5000);

    expect(posts().map((wish) => wish.body)).toEqual([{ code: "222222" }]);
    expect(today.left.value).toBe(2);
  });

  it("is undone without a trace within that time", async () => {
    const today = day();
    await today.read();
    const given = await today.hand("222222");

    expect(today.takeBack(given)).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);

    expect([posts(), today.left.value]).toEqual([[], 3]);
  });

  it("hands out all of a household basket together", async () => {
    people = [person("k1", "王**", { basket: "b1" }), person("k2", "李**", { basket: "b1", checks: [handout.check("k2", "111111")] }), person("k3", "张**")];
    const today = day();
    await today.read();

    expect(names(today, await today.hand("111111"))).toEqual(["王**", "李**"]);
    expect(today.left.value).toBe(1);
  });

  it("goes on without a network, from what was read before", async () => {
    await day().read();
    offline();
    const today = day();
    await today.read();

    expect(names(today, await today.hand("111111"))).toEqual(["王**"]);
    expect(names(today, await today.hand("333333"))).toEqual(["张**"]);
    await vi.advanceTimersByTimeAsync(6000);
    expect([today.waiting.value, today.left.value]).toEqual([2, 1]);
    online();
    await vi.advanceTimersByTimeAsync(10_000);

    expect([today.waiting.value, people.map((one) => one.state)]).toEqual([0, ["collected", "waiting", "collected"]]);
  });

  it("gives nobody their goods twice", async () => {
    const today = day();
    await today.read();
    await today.hand("111111");

    await expect(today.hand("111111")).rejects.toThrow("取货码 111111 已经交过货了。");
  });

  it("tells a conflict: handed out elsewhere meanwhile", async () => {
    const today = day();
    await today.read();
    offline();
    await today.hand("222222");
    await vi.advanceTimersByTimeAsync(6000);
    people[1]!.state = "collected";
    online();
    await vi.advanceTimersByTimeAsync(10_000);

    expect(today.conflicts.value).toMatchObject([{ code: "222222", whom: "李**", why: "这些货已经交出去了。" }]);
    today.forget(today.conflicts.value[0]!.key);
    expect(today.conflicts.value).toEqual([]);
  });

  it("asks the server at once about a code that the list does not know", async () => {
    const today = day();
    await today.read();

    await expect(today.hand("999999")).rejects.toThrow("没有这个取货码。");
    expect(today.conflicts.value).toEqual([]);
  });

  it("has no list before it was read once, and says why not", async () => {
    offline();
    const today = day();
    await today.read();
    expect([today.isKnown.value, today.wrong.value?.isOffline]).toEqual([false, true]);

    platform.answer = () => ({ status: 403, body: { title: "这不是您的自提点。" } });
    await today.read();
    expect([today.isKnown.value, today.wrong.value?.message]).toEqual([false, "这不是您的自提点。"]);

    online();
    await today.read();
    expect([today.isKnown.value, today.wrong.value]).toEqual([true, null]);
    offline();
    expect(day().isKnown.value).toBe(true);
  });

  it("tells goods in the reader's language", async () => {
    const { settings } = await import("../src/shell/settings");
    settings.language = "en";
    people = [person("k1", "王**", { goods: [{ ...GOODS[0], spec_en: "300 g", unit_en: "bag" }] }), person("k2", "李**")];
    const today = day();
    await today.read();

    expect(today.pickups.value.map(({ goods }) => [goods[0]!.name, goods[0]!.spec, goods[0]!.unit])).toEqual([["Bok choy", "300 g", "bag"], ["Bok choy", "300g", "袋"]]);
  });

  it("finds people by name and by the end of their phone", async () => {
    people = [person("k1", "王**"), person("k2", "李**", { phone: "139****1234" })];
    const today = day();
    await today.read();

    expect([today.seek("1234"), today.seek("王")].map((found) => found.map((one) => one.id))).toEqual([["k2"], ["k1"]]);
  });
});

/** FNV-1a in whole numbers, as written down. */
function fnv(words: string): number {
  let hash = 0x811c9dc5n;
  for (const byte of new TextEncoder().encode(words)) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
  return Number(hash % 4096n);
}
