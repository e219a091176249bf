import { beforeEach, describe, expect, it } from "vitest";
import { filled, merged, run } from "../src/actions/run";
import type { Action } from "../src/schema";
import { emptyBasket, lines, quantityOf, setQuantity } from "../src/shell/basket";
import { answer, notice, question } from "../src/shell/notices";
import { place } from "../src/shell/place";
import { enter, leave, type ScreenHandle } from "../src/shell/screens";
import { keepSeat, run as seat } from "../src/shell/seat";
import { dropSession, keepSession, session } from "../src/shell/session";
import { settings } from "../src/shell/settings";
import { calls, platform, settled } from "./platform";

const who = (access: string) => ({ access, refresh: `refresh of ${access}`, expires_at: "2099-01-01T00:00:00Z", caller: { kind: "member", id: "m1", name: "李雷" } });
const cancel: Action = { do: "call", text: "取消订单", method: "POST", path: "/api/v1/orders/o1/cancel" };

let refreshed = 0;
let signingIn = false;
let instead: string[] = [];
const screen: ScreenHandle = {
  address: () => ({ name: "order", with: { order: "o1" } }),
  isSigningIn: () => signingIn,
  showInstead: ({ name, with: parameters }) => void instead.push(name + JSON.stringify(parameters)),
  refresh: async () => void (refreshed += 1),
  share: () => undefined,
};

beforeEach(() => {
  [refreshed, signingIn, instead] = [0, false, []];
  Object.assign(notice, { text: "" });
  settings.language = "zh-hans";
  dropSession();
  emptyBasket();
  leave(screen);
  enter(screen);
});

describe("navigate", () => {
  it("opens a page with its parameters", async () => {
    await run({ do: "navigate", text: "看", page: "product", with: { offer: "a b" } });

    expect(platform.went).toEqual(["to /pages/page/page?page=product&offer=a%20b"]);
  });

  it("takes the place of the page it is on", async () => {
    await run({ do: "navigate", text: "看", page: "orders", replace: true });

    expect(platform.went).toEqual(["replace /pages/page/page?page=orders"]);
  });

  it("stays on the screen between the steps of signing in", async () => {
    signingIn = true;

    await run({ do: "navigate", text: "下一步", page: "sign_in", with: { phone: "138" } });

    expect([platform.went, instead]).toEqual([[], ['sign_in{"phone":"138"}']]);
  });

  it("goes back to the start where nothing is before", async () => {
    await run({ do: "back", text: "返回" });

    expect(platform.went).toEqual(["start /pages/page/page"]);
  });
});

describe("call", () => {
  it("sends the body with a form's values under their names", async () => {
    await run({ ...cancel, path: "/me/claims", body: { order: "o1", lines: [{ id: "l1" }] } }, { values: { cause: "late", "lines.0.quantity": 2 } });

    expect(calls()[0]).toMatchObject({ method: "POST", path: "/api/v1/me/claims", body: { order: "o1", cause: "late", lines: [{ id: "l1", quantity: 2 }] } });
  });

  it("sends the same key until an answer came, and another one afterwards", async () => {
    platform.answer = () => "offline";
    await run(cancel);
    platform.answer = () => ({ status: 200, body: {} });
    await run(cancel);
    await run(cancel);

    const keys = calls().map((wish) => wish.headers["Idempotency-Key"]);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("sends no key where the server asks for none, and no body with a GET", async () => {
    await run({ ...cancel, method: "GET", path: "/me" });
    await run({ ...cancel, idempotent: false });

    expect(calls().map((wish) => [wish.body, wish.headers["Idempotency-Key"]])).toEqual([[undefined, undefined], [{}, undefined]]);
  });

  it("asks first, and does nothing without a yes", async () => {
    const doing = run({ ...cancel, ask: "确定取消？" });
    await settled();
    expect(question.text).toBe("确定取消？");
    answer(false);

    expect(await doing).toBe(false);
    expect(calls()).toEqual([]);
  });

  it("goes on with what the answer says", async () => {
    platform.answer = () => ({ status: 201, body: { id: "o7" } });

    await run({ ...cancel, done: [{ do: "navigate", text: "看", page: "order", with: { order: "$id", from: "$nobody" } }] });

    expect(platform.went).toEqual(["to /pages/page/page?page=order&order=o7&from=%24nobody"]);
  });

  it("tells why it was refused, and shows how things are now", async () => {
    platform.answer = () => ({ status: 409, body: { title: "已过截单时间。", code: "cutoff" } });

    expect(await run({ ...cancel, done: [{ do: "back", text: "返回" }] })).toBe(false);
    expect([notice.text, refreshed, platform.went]).toEqual(["已过截单时间。", 1, []]);
  });
});

describe("who calls", () => {
  it("is renewed once for all that wait", async () => {
    keepSession(who("old"));
    platform.answer = ({ path, headers }) => {
      if (path.endsWith("/refresh")) return { status: 200, body: who("new") };
      return headers.Authorization === "Bearer new" ? { status: 200, body: {} } : { status: 401 };
    };

    await Promise.all([run(cancel), run({ ...cancel, path: "/orders/o2/cancel" })]);

    expect(calls().filter((wish) => wish.path.endsWith("/refresh"))).toHaveLength(1);
    expect(session.now?.access).toBe("new");
    expect(notice.text).toBe("");
  });

  it("signs in where there is nobody, and then does what was wanted", async () => {
    platform.answer = ({ headers }) => (headers.Authorization ? { status: 200, body: {} } : { status: 401, body: { title: "请先登录" } });
    await run(cancel);
    expect(platform.went).toEqual(["to /pages/page/page?page=sign_in"]);

    platform.answer = ({ path }) => ({ status: 200, body: path.endsWith("/sign-in") ? who("new") : {} });
    await run({ do: "enter", text: "登录", path: "/api/v1/sign-in", then: [{ do: "navigate", text: "我的", page: "me" }] }, { values: { phone: "138", code: "1" } });

    expect(calls().map((wish) => wish.path)).toEqual(["/api/v1/orders/o1/cancel", "/api/v1/sign-in", "/api/v1/orders/o1/cancel"]);
    expect(platform.went).not.toContain("to /pages/page/page?page=me");
  });

  it("calls itself the same at each sign-in, by a mark that it made up", async () => {
    platform.answer = () => ({ status: 200, body: who("new") });
    for (const phone of ["138", "139"]) await run({ do: "enter", text: "登录", path: "/sign-in" }, { values: { phone } });

    const [one, other] = calls().map((wish) => wish.body as { device: string });
    expect(one!.device).toMatch(/^[0-9a-f]{32}$/);
    expect(other!.device).toBe(one!.device);
  });

  it("goes where the page says when nothing asked for signing in", async () => {
    platform.answer = () => ({ status: 200, body: who("new") });

    await run({ do: "enter", text: "登录", path: "/sign-in", then: [{ do: "navigate", text: "我的", page: "me" }] });

    expect(platform.went).toEqual(["to /pages/page/page?page=me"]);
  });

  it("comes back to the page that needed it", async () => {
    signingIn = true;
    platform.answer = () => ({ status: 200, body: who("new") });

    await run({ do: "enter", text: "登录", path: "/sign-in", then: [{ do: "navigate", text: "我的", page: "me" }] });

    expect([refreshed, platform.went]).toEqual([1, []]);
  });

  it("signs out here and at the server", async () => {
    keepSession(who("old"));

    await run({ do: "sign_out", text: "退出" });

    expect(calls()).toMatchObject([{ path: "/api/v1/sign-out", body: { refresh: "refresh of old" } }]);
    expect([session.now, platform.went]).toEqual([null, ["start /pages/page/page"]]);
  });
});

describe("the basket on this device", () => {
  const wish: Action = { do: "order", text: "下单", point: "p1", done: [{ do: "navigate", text: "看", page: "order", with: { order: "$id" } }] };

  it("takes goods in and out", async () => {
    await run({ do: "add", text: "加入", offer: "a", quantity: 2, price_fen: 398 });
    await run({ do: "add", text: "加入", offer: "a", price_fen: 398 });
    await run({ do: "set_quantity", text: "改", offer: "b", quantity: 1, price_fen: 100 });
    await run({ do: "take_out", text: "移除", offer: "b" });

    expect([quantityOf("a"), quantityOf("b")]).toEqual([3, 0]);
  });

  it("becomes an order, and is empty afterwards", async () => {
    setQuantity("a", 2, 398);
    platform.answer = () => ({ status: 201, body: { id: "o9" } });

    await run(wish);

    expect(calls()[0]).toMatchObject({ path: "/api/v1/orders", body: { point: "p1", lines: [{ offer: "a", quantity: 2, price_fen: 398 }] } });
    expect([lines.value, platform.went]).toEqual([[], ["to /pages/page/page?page=order&order=o9"]]);
  });

  it("keeps its goods and its key while no answer comes, and takes another key once it changed", async () => {
    setQuantity("a", 2, 398);
    platform.answer = () => "offline";
    await run(wish);
    await run(wish);
    setQuantity("a", 3, 398);
    await run(wish);

    const keys = calls().map((one) => one.headers["Idempotency-Key"]);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[1]);
    expect(quantityOf("a")).toBe(3);
  });

  it("agrees to what was seen to be saved, under the key of the same goods whatever they save", async () => {
    const wanted = [{ offer: "a", quantity: 1, price_fen: 2000 }];
    platform.answer = () => "offline";
    await run({ do: "order", text: "下单", point: "p1", lines: wanted, saved_fen: 600, run: "r1" });
    await run({ do: "order", text: "下单", point: "p1", lines: wanted, run: "r1" });

    const [first, second] = calls();
    expect(first?.body).toEqual({ point: "p1", lines: wanted, saved_fen: 600, run: "r1" });
    expect(second?.body).toEqual({ point: "p1", lines: wanted, run: "r1" });
    expect(second?.headers["Idempotency-Key"]).toBe(first?.headers["Idempotency-Key"]);
  });

  it("leaves the round with the order that took its seat, and no sooner", async () => {
    keepSeat("r1");
    platform.answer = () => ({ status: 409, body: { title: "优惠有变化，现在一共减 3.00 元，请重新确认价格。", code: "saving_changed" } });
    const wanted: Action = { do: "order", text: "下单", point: "p1", lines: [{ offer: "a", quantity: 1, price_fen: 2000 }], saved_fen: 600, run: "r1" };

    await run(wanted);
    expect([notice.text, refreshed, seat()]).toEqual(["优惠有变化，现在一共减 3.00 元，请重新确认价格。", 1, "r1"]);

    platform.answer = () => ({ status: 201, body: { id: "o9" } });
    await run({ ...wanted, saved_fen: 300 });
    expect(seat()).toBe("");
  });

  it("is left alone by an order of a household basket's lines", async () => {
    setQuantity("a", 2, 398);

    await run({ do: "order", text: "下单", point: "p1", basket: "b1", together: true, lines: [{ offer: "x", quantity: 1, price_fen: 5 }] });

    expect(calls()[0]!.body).toEqual({ point: "p1", lines: [{ offer: "x", quantity: 1, price_fen: 5 }], basket: "b1", together: true });
    expect(quantityOf("a")).toBe(2);
  });

  it("is emptied by choosing another point", async () => {
    place.here = { id: "p1", name: "东湖" };
    setQuantity("a", 2, 398);
    await run({ do: "choose_point", text: "选", point: "p1", name: "东湖" });
    expect(quantityOf("a")).toBe(2);

    await run({ do: "choose_point", text: "选", point: "p2", name: "光谷" });

    expect([quantityOf("a"), place.here]).toEqual([0, { id: "p2", name: "光谷" }]);
  });
});

describe("others", () => {
  it("that nobody here knows are told in words", async () => {
    expect(await run({ do: "spin", text: "转一次" } as never)).toBe(false);
    expect(notice.text).toBe("转一次\n需要更新版本才能使用。");
  });

  it("in a row stop at the first that fails", async () => {
    platform.answer = ({ path }) => (path.includes("bad") ? { status: 400, body: { title: "不行" } } : { status: 200, body: {} });

    await run({ do: "several", text: "几样", actions: [{ ...cancel, path: "/good" }, { ...cancel, path: "/bad" }, { ...cancel, path: "/never" }] });

    expect(calls().map((wish) => wish.path)).toEqual(["/api/v1/good", "/api/v1/bad"]);
  });

  it("join and draw are calls", async () => {
    await run({ do: "join", text: "参团", path: "/plays/1/join", body: { seat: 2 } });
    await run({ do: "draw", text: "抽", path: "/plays/1/draw" });

    expect(calls().map((wish) => [wish.method, wish.path, wish.body])).toEqual([["POST", "/api/v1/plays/1/join", { seat: 2 }], ["POST", "/api/v1/plays/1/draw", {}]]);
  });

  it("change the language and ask for the page anew", async () => {
    await run({ do: "choose_language", text: "English", lang: "en" });

    expect([settings.language, refreshed, document.cookie]).toEqual(["en", 1, expect.stringContaining("lintuan-lang=en")]);
  });

  it("copy, and say so", async () => {
    await run({ do: "copy", text: "复制", content: "今晚脐橙 12.80" });

    expect([platform.copied, notice.text]).toEqual(["今晚脐橙 12.80", "已复制"]);
  });
});

describe("bodies and answers", () => {
  it("values make the way that their names lead", () => {
    expect(merged({ a: 1 }, { "lines.0.offer": "x", "lines.1.offer": "y", "who.name": "李" })).toEqual({ a: 1, lines: [{ offer: "x" }, { offer: "y" }], who: { name: "李" } });
  });

  it("an answer's members stand where they are named, whatever they are", () => {
    expect(filled({ to: "$id", n: ["$count"], text: "$5 off" }, { id: "o1", count: 3 })).toEqual({ to: "o1", n: [3], text: "$5 off" });
  });
});
