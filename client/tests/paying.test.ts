import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unfinished } from "../src/actions/pay";
import { run } from "../src/actions/run";
import type { Action } from "../src/schema";
import { notice } from "../src/shell/notices";
import { enter, leave, type ScreenHandle } from "../src/shell/screens";
import { dropSession, keepSession } from "../src/shell/session";
import { settings } from "../src/shell/settings";
import { calls, platform } from "./platform";

let at = { name: "checkout", with: {} as Record<string, string> };
let refreshed = 0;
const screen: ScreenHandle = {
  address: () => at,
  isSigningIn: () => false,
  showInstead: () => undefined,
  refresh: async () => void (refreshed += 1),
  share: () => undefined,
};

const order: Action = {
  do: "order",
  text: "提交订单",
  point: "p1",
  lines: [{ offer: "a", quantity: 2, price_fen: 398 }],
  done: [{ do: "empty_basket", text: "清空" }, { do: "pay", text: "支付", order: "$id" }],
};
const paying = "replace /pages/page/page?page=paying&order=o9";

type Answer = ReturnType<typeof platform.answer>;
const paid = (answer: Answer): void => void (platform.answer = ({ path }) => (path.endsWith("/pay") ? answer : { status: 201, body: { id: "o9" } }));

beforeEach(() => {
  [at, refreshed] = [{ name: "checkout", with: {} }, 0];
  Object.assign(notice, { text: "" });
  settings.language = "zh-hans";
  dropSession();
  leave(screen);
  enter(screen);
});
afterEach(() => {
  delete window.WeixinJSBridge;
  vi.restoreAllMocks();
});

describe("a payment", () => {
  it.each([
    ["is refused", { status: 503, body: { title: "支付暂时不可用。" } }, "支付暂时不可用。"],
    ["finds no network", "offline", "网络不通，请检查网络后重试。"],
  ] as [string, Answer, string][])("that %s leaves the checkout for the page of the order, and says why", async (_, answer, why) => {
    paid(answer);

    await run(order);

    expect([platform.went, notice.text]).toEqual([[paying], why]);
  });

  it("that cannot be opened leaves it too", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    paid({ status: 200, body: { parameters: {} } });

    await run(order);

    expect([platform.went, notice.text]).toEqual([[paying], "请在微信中打开本页面支付。"]);
  });

  it("that needs signing in anew never places the order again", async () => {
    keepSession({ access: "old", refresh: "r", expires_at: "2099-01-01T00:00:00Z", caller: { kind: "member", id: "m1", name: "李雷" } });
    platform.answer = ({ path }) => (path.endsWith("/orders") ? { status: 201, body: { id: "o9" } } : { status: 401, body: { title: "请先登录" } });

    await run(order);

    platform.answer = () => ({ status: 200, body: { access: "new", refresh: "r2", expires_at: "2099-01-01T00:00:00Z", caller: { kind: "member", id: "m1", name: "李雷" } } });
    await run({ do: "enter", text: "登录", path: "/sign-in" });

    expect(calls().filter((wish) => wish.path.endsWith("/orders"))).toHaveLength(1);
    expect(platform.went).toContain(paying);
  });

  it("that is open is known before the server was asked, should the client be killed meanwhile", async () => {
    let before: string | undefined;
    platform.answer = ({ path }) => {
      if (path.endsWith("/pay")) before = platform.storage.get("lt.paying");
      return { status: 201, body: { id: "o9", parameters: {} } };
    };
    window.WeixinJSBridge = { invoke: (_, __, done) => done({}) };

    await run(order);

    expect(JSON.parse(before ?? "null")).toMatchObject({ name: "paying", with: { order: "o9" } });
    expect(unfinished()).toEqual({ name: "paying", with: { order: "o9" } });
    expect(platform.went).toEqual([paying]);
  });

  it.each([
    ["wechat_h5", "https://wx.tenpay.com/pay?prepay_id=wx1", "https://wx.tenpay.com/pay?prepay_id=wx1&redirect_url=https%3A%2F%2Fshop.example%2F%3Fpage%3Dpaying%26order%3Do9"],
    ["alipay_wap", "https://openapi.alipay.com/gateway.do?sign=s", "https://openapi.alipay.com/gateway.do?sign=s"],
  ])("by %s goes to the provider's own page, and leaves the page of the order behind", async (method, url, gone) => {
    const went: string[] = [];
    vi.stubGlobal("location", { origin: "https://shop.example", assign: (to: string) => went.push(to) });
    const replaced = vi.spyOn(history, "replaceState").mockImplementation(() => undefined);
    paid({ status: 200, body: { method, parameters: { url } } });

    await run({ do: "pay", text: "支付", order: "o9", method });
    vi.unstubAllGlobals();

    expect(calls().slice(-1)[0]).toMatchObject({ path: "/api/v1/orders/o9/pay", body: { method } });
    expect([went, replaced.mock.calls.map((call) => call[2])]).toEqual([[gone], ["/?page=paying&order=o9"]]);
  });

  it("by a code to scan shows the page that draws it", async () => {
    paid({ status: 200, body: { method: "wechat_native", parameters: { code: "weixin://wxpay/bizpayurl?pr=1" } } });

    await run({ do: "pay", text: "支付", order: "o9", method: "wechat_native" });

    expect(platform.went).toEqual(["replace /pages/page/page?page=paying&order=o9&method=wechat_native"]);
  });

  it("without a method names none, as servers of any age know", async () => {
    window.WeixinJSBridge = { invoke: (_, __, done) => done({}) };
    paid({ status: 200, body: { parameters: { package: "prepay_id=wx1" } } });

    await run({ do: "pay", text: "支付", order: "o9" });

    expect(calls().slice(-1)[0]?.body).toBeUndefined();
  });

  it("tried again on its own page shows that page anew", async () => {
    at = { name: "paying", with: { order: "o9" } };
    paid({ status: 503, body: { title: "支付暂时不可用。" } });

    await run({ do: "pay", text: "支付", order: "o9" });

    expect([platform.went, refreshed, notice.text]).toEqual([[], 1, "支付暂时不可用。"]);
  });
});
