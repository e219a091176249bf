import { mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Page } from "../src/schema";
import { basket, orders, PAGES, shelf, signIn, type Full } from "./pages";
import { calls, platform } from "./platform";

let ScreenBox: typeof import("../src/renderer/Screen.vue").default;
let Screen: typeof import("../src/renderer/showing").Screen;
let store: { basket: typeof import("../src/shell/basket"); session: typeof import("../src/shell/session"); notices: typeof import("../src/shell/notices") };

/** Longer than anything waits for an answer, shorter than a poll. */
const breath = () => vi.advanceTimersByTimeAsync(50);

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  document.body.innerHTML = "";
  ScreenBox = (await import("../src/renderer/Screen.vue")).default;
  Screen = (await import("../src/renderer/showing")).Screen;
  store = { basket: await import("../src/shell/basket"), session: await import("../src/shell/session"), notices: await import("../src/shell/notices") };
  platform.answer = ({ path }) => serve(path);
});
afterEach(() => vi.useRealTimers());

function serve(path: string): { status: number; body?: unknown } {
  const page = PAGES[path.match(/\/pages\/(\w+)/)?.[1] ?? ""];
  return page ? { status: 200, body: page } : { status: 404, body: { title: "没有这个页面。" } };
}

async function opened(name: string, parameters: Record<string, string> = {}): Promise<{ box: VueWrapper; screen: InstanceType<typeof Screen> }> {
  const screen = new Screen(() => undefined);
  const box = mount(ScreenBox, { props: { screen }, attachTo: document.body });
  screen.onShow();
  await screen.open({ name, with: parameters });
  await breath();
  return { box, screen };
}

const pagesAsked = () => calls().map((wish) => `${wish.method} ${wish.path}`).filter((line) => line.includes("/pages/"));

describe("a round that a link named", () => {
  const asked = () => calls().filter((wish) => wish.path.includes("/pages/")).map((wish) => [wish.path, (wish.body as { with?: object } | undefined)?.with]);

  it("is kept for what is ordered, and for nothing else", async () => {
    await opened("shelf", { run: "r1" });
    await opened("orders");
    await opened("basket");

    expect(asked()).toEqual([
      ["/api/v1/pages/shelf?run=r1", undefined],
      ["/api/v1/pages/orders", undefined],
      ["/api/v1/pages/basket", { run: "r1", knows: "savings" }],
    ]);
  });

  it("is named by whoever orders without it, and forgotten after a day", async () => {
    await opened("shelf", { run: "r1" });
    await opened("basket", { run: "-" });
    vi.setSystemTime(Date.now() + 25 * 3_600_000);
    await opened("basket");

    expect(asked().slice(1)).toEqual([
      ["/api/v1/pages/basket", { run: "-", knows: "savings" }],
      ["/api/v1/pages/basket", { knows: "savings" }],
    ]);
  });
});

describe("a screen", () => {
  it("shows something while it waits, then the page", async () => {
    const screen = new Screen(() => undefined);
    const box = mount(ScreenBox, { props: { screen } });
    expect(box.find(".skeleton").exists()).toBe(true);

    await screen.open({ name: "orders", with: {} });
    await breath();

    expect(box.find(".skeleton").exists()).toBe(false);
    expect(box.find("h1").text()).toBe("我的订单");
    expect(box.findAll("nav button").map((one) => one.text())).toEqual(["今晚", "订单", "取货1", "我的"]);
    expect(box.find("nav [aria-current=page]").text()).toBe("订单");
  });

  it("begins at the shelf, a leader's at their evening", async () => {
    await opened("");
    store.session.keepSession({ access: "a", refresh: "r", expires_at: "", caller: { kind: "leader", id: "l1", name: "王" } });
    await opened("");

    expect(pagesAsked()).toEqual(["GET /api/v1/pages/shelf", "GET /api/v1/pages/tonight"]);
  });

  it("takes the page that stands in the document, and asks for none", async () => {
    document.body.innerHTML = `<script type="application/json" id="first-page">${JSON.stringify(shelf)}</script>`;

    const { box } = await opened("");

    expect(pagesAsked()).toEqual([]);
    expect(box.find("h1").text()).toBe("今晚的货架");
  });

  it.each([["another point", { point: "p9" }, shelf], ["another language", {}, { ...shelf, lang: "en" }], ["another page", {}, orders]])("asks for its own where the document holds one of %s", async (_, marks, page) => {
    document.body.innerHTML = `<script type="application/json" id="first-page" ${Object.entries(marks).map(([name, value]) => `data-${name}="${value}"`).join(" ")}>${JSON.stringify(page)}</script>`;

    await opened("shelf");

    expect(pagesAsked()).toEqual(["GET /api/v1/pages/shelf"]);
  });

  it("sends the basket where the page depends on it", async () => {
    store.basket.setQuantity("a", 2, 398);

    await opened("basket", { point: "p1" });

    expect(calls()[0]).toMatchObject({ method: "POST", path: "/api/v1/pages/basket", body: { with: { point: "p1" }, basket: [{ offer: "a", quantity: 2 }] } });
  });

  it("sends it too where the server says that it is needed", async () => {
    platform.answer = ({ method, path }) => ({ status: 200, body: { ...orders, basket: method === "GET" && path.includes("wheel") } });

    await opened("wheel");
    store.basket.setQuantity("a", 1, 398);
    await opened("wheel");

    expect(pagesAsked()).toEqual(["GET /api/v1/pages/wheel", "POST /api/v1/pages/wheel", "POST /api/v1/pages/wheel"]);
  });

  it("says what is wrong and tries again", async () => {
    platform.answer = () => ({ status: 503 });
    const { box } = await opened("orders");
    expect(box.find("[role=alert]").text()).toContain("服务暂时不可用");
    platform.answer = ({ path }) => serve(path);

    await box.find("[role=alert] button").trigger("click");
    await breath();

    expect(box.find("h1").text()).toBe("我的订单");
  });

  it("shows what it knew when the network is gone, and says so", async () => {
    await opened("orders");
    platform.answer = () => "offline";
    await vi.advanceTimersByTimeAsync(60_000);

    const { box } = await opened("orders");

    expect(box.text()).toContain("11237KQ2MX");
    expect(box.text()).toContain("没有网络");
  });

  it("asks again while something is going on, and not once it is hidden", async () => {
    PAGES.paying = { ...basket, name: "paying", poll: 2 } as Full;
    const { screen } = await opened("paying");
    await vi.advanceTimersByTimeAsync(4500);
    screen.onHide();
    await vi.advanceTimersByTimeAsync(20_000);

    expect(pagesAsked()).toEqual(Array(3).fill("GET /api/v1/pages/paying"));
  });

  it("goes on asking after an answer that never came", async () => {
    PAGES.paying = { ...basket, name: "paying", poll: 2 } as Full;
    await opened("paying");
    platform.answer = () => ({ status: 503 });
    await vi.advanceTimersByTimeAsync(2000);
    platform.answer = ({ path }) => serve(path);
    await vi.advanceTimersByTimeAsync(2500);

    expect(pagesAsked()).toHaveLength(3);
  });

  it.each([[503, "服务暂时不可用"], [403, "这不是您的订单。"]])("tells a %i as what it is, not as a missing network", async (status, words) => {
    const { box, screen } = await opened("orders");
    platform.answer = () => ({ status, body: status === 403 ? { title: words } : undefined });

    await screen.refresh();
    await breath();

    expect(box.text()).toContain("11237KQ2MX");
    expect(box.find(".notice.is-warn").text()).toContain(words);
    expect(box.text()).not.toContain("没有网络");
  });

  it("offers to try again in the language of the moment", async () => {
    platform.answer = () => ({ status: 503 });
    const { box } = await opened("orders");
    (await import("../src/shell/settings")).settings.language = "en";
    await breath();

    expect(box.find("[role=alert] button").text()).toBe("Try again");
  });

  it("lets its reader sign in first, and then shows what was wanted", async () => {
    const mine = { ...orders, body: [], sign_in: true } as Page;
    platform.answer = ({ path, headers }) => {
      if (path.endsWith("/sign-in")) return { status: 200, body: { access: "a", refresh: "r", expires_at: "", caller: { kind: "member", id: "m", name: "李" } } };
      return path.includes("/orders") && !headers.Authorization ? { status: 200, body: mine } : serve(path);
    };
    const { box } = await opened("orders");
    expect(box.find("h1").text()).toBe(signIn.title);

    await box.find("input[type=tel]").setValue("13800008000");
    await box.findAll("input")[1]!.setValue("123456");
    await box.find("[role=checkbox]").trigger("click");
    await box.findAll("button").find((one) => one.text() === "登录")!.trigger("click");
    await breath();

    expect(box.find("h1").text()).toBe("我的订单");
    expect(box.text()).toContain("11237KQ2MX");
  });

  it("recovers a payment that was open when the client was killed", async () => {
    platform.storage.set("lt.paying", JSON.stringify({ name: "paying", with: { order: "o1" }, at: Date.now() }));

    await opened("");

    expect(pagesAsked()).toEqual(["GET /api/v1/pages/paying?order=o1"]);
  });

  it("tells notices to those who do not see them, and asks with a dialog", async () => {
    const { box } = await opened("orders");
    store.notices.tell("已保存");
    const asked = store.notices.sure("确定？");
    await breath();

    expect(box.find("[aria-live=polite]").text()).toBe("已保存");
    const dialog = box.find("[role=alertdialog]");
    await dialog.findAll("button")[1]!.trigger("click");
    expect(await asked).toBe(true);
  });

  it("is a page of a later schema in words", async () => {
    PAGES.later = { ...shelf, name: "later", schema: 2, foot: [] } as Full;

    const { box } = await opened("later");

    expect(box.text()).toContain("今晚 23:00 截单");
    expect(box.find(".deadline").exists()).toBe(false);
  });
});
