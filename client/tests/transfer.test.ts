import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../src/actions/run";
import type { Action } from "../src/schema";
import { notice } from "../src/shell/notices";
import { enter, leave, type ScreenHandle } from "../src/shell/screens";
import { settings } from "../src/shell/settings";
import { calls, platform } from "./platform";

let refreshed = 0;
const screen: ScreenHandle = {
  address: () => ({ name: "withdraw", with: {} }),
  isSigningIn: () => false,
  showInstead: () => undefined,
  refresh: async () => void (refreshed += 1),
  share: () => undefined,
};

const confirm: Action = { do: "confirm_transfer", text: "在微信中确认收款 ¥9.00", path: "/api/v1/leader/withdrawals/w1/confirmation" };
const fields = { mchId: "1900000001", appId: "wx1", package: "ABBQ" };
let handed: unknown[] = [];

beforeEach(() => {
  [refreshed, handed] = [0, []];
  Object.assign(notice, { text: "" });
  settings.language = "zh-hans";
  platform.answer = () => ({ status: 200, body: { fields } });
  leave(screen);
  enter(screen);
});
afterEach(() => {
  delete window.WeixinJSBridge;
});

/** WeChat, which says what became of it: `ok`, or that the reader closed it. */
const wechat = (told: string): void => {
  window.WeixinJSBridge = {
    invoke: (name, given, done) => {
      handed.push(name, given);
      done({ err_msg: `requestMerchantTransfer:${told}` });
    },
  };
};

describe("confirming that money comes", () => {
  it.each(["ok", "cancel"])("hands WeChat the server's fields and asks the server anew, whatever WeChat says (%s)", async (told) => {
    wechat(told);

    await run(confirm);

    expect(calls().map((wish) => [wish.method, wish.path])).toEqual([["GET", confirm.path]]);
    expect([handed, refreshed]).toEqual([["requestMerchantTransfer", fields], 1]);
  });

  it("tells in words what to do where there is no WeChat, and asks nothing", async () => {
    await run(confirm);

    expect(notice.text).toBe("在微信中确认收款 ¥9.00\n请在新版微信中打开本页面。");
    expect([calls(), refreshed]).toEqual([[], 0]);
  });

  it("opens nothing where the server no longer has it to confirm, and shows what it has instead", async () => {
    wechat("ok");
    platform.answer = () => ({ status: 409, body: { title: "没有待确认的收款。" } });

    await run(confirm);

    expect([handed, refreshed, notice.text]).toEqual([[], 1, "没有待确认的收款。"]);
  });
});
