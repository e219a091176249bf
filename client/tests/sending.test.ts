// A form or an order that is sent once, whatever happens on the way.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../src/actions/run";
import type { Action } from "../src/schema";
import { agreeWithShelf, emptyBasket, quantityOf, setQuantity } from "../src/shell/basket";
import { dropSession } from "../src/shell/session";
import { calls, platform } from "./platform";

const order: Action = { do: "order", text: "下单", point: "p1", lines: [{ offer: "a", quantity: 2, price_fen: 398 }] };
const household: Action = { ...order, basket: "b1" };
const note: Action = { do: "call", text: "发送", method: "POST", path: "/me/claims", body: { order: "o1" } };
const keys = () => calls().map((wish) => wish.headers["Idempotency-Key"]);

beforeEach(() => {
  dropSession();
  emptyBasket();
  setQuantity("a", 2, 398);
});

describe("an order without an answer", () => {
  beforeEach(() => void (platform.answer = () => "offline"));

  it("is the same order hours later, whatever else was sent meanwhile", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await run(order);
    vi.advanceTimersByTime(5 * 3600_000);
    for (let number = 0; number < 12; number += 1) await run({ ...note, path: `/me/claims/${number}` });
    await run(order);
    vi.useRealTimers();

    expect(keys().pop()).toBe(keys()[0]);
  });

  it("is the same order still after a shelf changed the basket", async () => {
    await run(order);
    agreeWithShelf("2026-11-23", [{ id: "a", price_fen: 358 }]);
    await run(order);

    expect(keys()[1]).toBe(keys()[0]);
  });

  it("is another one once the reader changed the basket, except where it is a household's", async () => {
    await run(order);
    await run(household);
    setQuantity("b", 1, 100);
    await run(order);
    await run(household);

    expect(keys()[2]).not.toBe(keys()[0]);
    expect(keys()[3]).toBe(keys()[1]);
  });
});

it("an order that was answered is another one the next time", async () => {
  await run(order);
  await run(order);

  expect(keys()[1]).not.toBe(keys()[0]);
});

it("a form that needed signing in is sent with what it held", async () => {
  platform.answer = ({ headers }) => (headers.Authorization ? { status: 200, body: {} } : { status: 401, body: { title: "请先登录" } });
  await run(note, { values: { cause: "late" } });
  platform.answer = ({ path }) => ({ status: 200, body: path.endsWith("/sign-in") ? { access: "new", refresh: "r", expires_at: "2099-01-01T00:00:00Z", caller: { kind: "member", id: "m1", name: "李雷" } } : {} });

  await run({ do: "enter", text: "登录", path: "/sign-in" }, { values: { phone: "138" } });

  expect(calls().map((wish) => [wish.path, wish.body]).pop()).toEqual(["/api/v1/me/claims", { order: "o1", cause: "late" }]);
});

it("the shelf says what it took out of the basket", () => {
  setQuantity("b", 1, 100);

  expect(agreeWithShelf("2026-11-23", [{ id: "a", price_fen: 358 }])).toEqual([{ offer: "b", quantity: 1, price_fen: 100 }]);
  expect([quantityOf("a"), quantityOf("b")]).toEqual([2, 0]);
});
