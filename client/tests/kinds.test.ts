import { beforeEach, describe, expect, it, vi } from "vitest";
import { prepare } from "../src/renderer/prepare";
import type { Node } from "../src/schema";
import { KINDS } from "../src/schema";
import { emptyBasket, lines, quantityOf, setQuantity } from "../src/shell/basket";
import { notice } from "../src/shell/notices";
import { settings } from "../src/shell/settings";
import { button, drawn, find, nodes, PAGES } from "./drawn";
import { offer } from "./pages";
import { calls, platform, settled } from "./platform";

beforeEach(() => {
  document.body.innerHTML = "";
  settings.language = "zh-hans";
  notice.text = "";
  emptyBasket();
});

describe("every kind", () => {
  const all = new Set(nodes.map((node) => node.kind));

  it("is on one of the pages that these tests draw", () => {
    expect(Object.keys(KINDS).filter((kind) => !all.has(kind as Node["kind"]))).toEqual([]);
  });

  it.each([...all])("%s draws something", (kind) => {
    setQuantity("offer0", 1, 398);
    const box = drawn(find(kind));

    expect(box.element.nodeType).toBe(1);
    expect(box.html()).not.toMatch(/undefined|NaN|\[object/);
  });

  it.each([...all])("%s is drawn from no more than it cannot do without", (kind) => {
    const full = find(kind) as unknown as Record<string, unknown>;
    const bare = Object.fromEntries(["kind", "text", ...Object.keys(KINDS[kind]!)].map((field) => [field, full[field]]));

    expect(drawn(bare as unknown as Node).html()).not.toMatch(/undefined|NaN|\[object/);
  });
});

describe("nested parts", () => {
  it("are drawn in sections in tabs in sections", async () => {
    const deep: Node = { kind: "section", text: "外", title: "外", children: [find("tabs")] };
    const [node] = prepare({ ...PAGES.others!, body: [deep] }).body;
    const box = drawn(node!);
    expect(box.text()).toContain("甲");

    await button(box, "第二").trigger("click");

    expect(box.text()).toContain("里面");
    expect(box.text()).toContain("乙乙");
    expect(box.find("[role=tab][aria-selected=true]").text()).toBe("第二");
  });
});

describe("offers", () => {
  it("go into the basket and out again, within their limit", async () => {
    const box = drawn({ kind: "offer_card", text: "上海青", offer: { ...offer(0), limit: 2 } });

    await button(box, "加入购物篮：上海青").trigger("click");
    await button(box, "增加 上海青").trigger("click");
    await button(box, "增加 上海青").trigger("click");
    expect(quantityOf("offer0")).toBe(2);
    expect(button(box, "增加 上海青").attributes("aria-disabled")).toBe("true");
    await button(box, "减少 上海青").trigger("click");
    await button(box, "减少 上海青").trigger("click");

    expect(lines.value).toEqual([]);
  });

  it("that are sold out cannot be put into it", () => {
    const box = drawn({ kind: "offer_card", text: "虾", offer: { ...offer(0), sold_out: true } });

    expect(box.text()).toContain("已售完");
    expect(box.find(".stepper").exists()).toBe(false);
  });

  it("show a compared price only where one is told", () => {
    expect(drawn({ kind: "offer_card", text: "", offer: offer(0) }).find(".price-list").exists()).toBe(false);
    expect(drawn({ kind: "offer_card", text: "", offer: offer(1) }).find(".price-list").text()).toBe("¥15.90");
  });

  it("claim no neighbours and no score without data", () => {
    expect(drawn({ kind: "offer_card", text: "", offer: offer(2) }).find(".offer-honest").exists()).toBe(false);
  });

  it("are completed from the shelf, which decides what is left", async () => {
    vi.useFakeTimers();
    platform.answer = () => ({ status: 200, body: { sale_on: "2026-11-23", offers: [
      { id: "offer0", name: "上海青", spec: "", unit: "袋", category_code: "vegetables", origin: "", picture: "", price_fen: 398, list_price_fen: null, price_per_500g_fen: null, per_order_limit: 5, left: 0 },
      { id: "late", name: "迟到的菜", spec: "1kg", unit: "袋", category_code: "vegetables", origin: "武汉", picture: "/static/goods/pea.webp", price_fen: 500, list_price_fen: null, price_per_500g_fen: 250, per_order_limit: null, left: 9 },
    ] } });
    setQuantity("offer0", 1, 398);
    const box = drawn({ kind: "offer_grid", text: "货", offers: [offer(0)], source: { path: "/api/v1/points/p1/shelf", from: 1 }, categories: [{ id: "vegetables", title: "蔬菜" }, { id: "fruit", title: "水果" }] });
    await vi.advanceTimersByTimeAsync(1000);
    vi.useRealTimers();

    expect(box.findAll(".offer-name").map((one) => one.text())).toEqual(["上海青", "迟到的菜"]);
    expect(box.text()).toContain("已售完");
    expect(quantityOf("offer0")).toBe(0);
    await button(box, "蔬菜").trigger("click");
    expect(box.findAll(".offer-name").map((one) => one.text())).toEqual(["迟到的菜"]);
  });

  it("are found by words", async () => {
    const box = drawn(find("offer_grid"));

    await box.find("input").setValue("脐橙");

    expect(box.findAll(".offer-name").map((one) => one.text())).toEqual(["赣南脐橙"]);
  });
});

describe("the basket on its page", () => {
  it("shows its bar only when there is something in it", async () => {
    const box = drawn(find("basket_bar"));
    expect(box.find(".basket-bar").exists()).toBe(false);

    setQuantity("a", 2, 398);
    await settled();

    expect(box.text()).toContain("7.96");
  });

  it("loses a line at once when it is taken out", async () => {
    setQuantity("offer0", 2, 398);
    setQuantity("offer1", 1, 1290);
    const box = drawn(find("basket_lines"));
    expect(box.findAll(".basket-line")).toHaveLength(2);

    await button(box, "移除 上海青").trigger("click");

    expect(box.findAll(".basket-line")).toHaveLength(1);
    expect(quantityOf("offer0")).toBe(0);
  });
});

describe("a form", () => {
  it("sends what it holds, under its names", async () => {
    const box = drawn(find("form"));
    await button(box, "少货").trigger("click");
    await button(box, "增加 几件？").trigger("click");
    await box.find("textarea").setValue("坏了两个");
    await box.find("[role=checkbox]").trigger("click");

    await button(box, "提交").trigger("click");
    await settled();

    expect(calls()[0]!.body).toEqual({ order: "o1", cause: "short", quantity: 2, note: "坏了两个", lines: [{ consent: "2026-11" }] });
  });

  it("says what is missing instead", async () => {
    const box = drawn(find("form"));

    await button(box, "提交").trigger("click");

    expect(calls()).toEqual([]);
    expect(notice.text).toContain("我同意把照片交给供应商核对");
    expect(box.find(".field.is-wrong").exists()).toBe(true);
  });

  it("has a code sent to the phone that was typed", async () => {
    const box = drawn(PAGES.sign_in!.body[0]!);
    await box.find("input[type=tel]").setValue("13800008000");

    await button(box, "获取验证码").trigger("click");
    await settled();

    expect(calls()[0]).toMatchObject({ path: "/api/v1/sign-in/codes", body: { phone: "13800008000" } });
    expect(box.text()).toContain("60 s");
  });

  it("keeps what was typed when the page comes again", async () => {
    const node = find("form");
    const box = drawn(node);
    await box.find("textarea").setValue("坏了");

    await box.setProps({ node: { ...node } });

    expect((box.find("textarea").element as HTMLTextAreaElement).value).toBe("坏了");
  });

  it("adopts what the page says now wherever nothing was typed, and sends no field that is gone", async () => {
    const number = (name: string, value: number, max = 9) => ({ name, label: name, type: "number" as const, value, max });
    const node = (fields: ReturnType<typeof number>[]): Node => ({ kind: "form", text: "", fields, submit: { do: "call", text: "提交", method: "POST", path: "/x" } });
    const box = drawn(node([number("a", 1), number("b", 1), number("c", 1), number("d", 1)]));
    for (let time = 0; time < 4; time += 1) await button(box, "增加 b").trigger("click");
    await button(box, "增加 c").trigger("click");

    await box.setProps({ node: node([number("a", 5), number("b", 1, 3), number("c", 1)]) });
    await button(box, "提交").trigger("click");
    await settled();

    expect(calls()[0]!.body).toEqual({ a: 5, b: 3, c: 2 });
  });

  it("asks again for a consent whose words have changed", async () => {
    const node = (version: string): Node => ({ kind: "form", text: "", fields: [{ name: "ok", label: "同意", type: "consent", value: version, required: true }], submit: { do: "call", text: "提交", method: "POST", path: "/x" } });
    const box = drawn(node("1"));
    await box.find("[role=checkbox]").trigger("click");

    await box.setProps({ node: node("2") });

    expect(box.find("[role=checkbox]").attributes("aria-checked")).toBe("false");
    await button(box, "提交").trigger("click");
    expect(calls()).toEqual([]);
  });

  it("gives every field a name for those who do not see it", () => {
    const box = drawn(PAGES.sign_in!.body[0]!);

    expect(box.findAll("input").map((one) => document.querySelector(`label[for="${one.attributes("id")}"]`)?.textContent?.trim())).toEqual(["手机号", "验证码"]);
  });
});

describe("receiving", () => {
  it("signs for all but what is short or damaged", async () => {
    const box = drawn(find("receive"));
    await button(box, "增加 上海青 少").trigger("click");
    await button(box, "增加 上海青 少").trigger("click");

    await button(box, "签收 14 件").trigger("click");
    await settled();

    expect(calls()[0]).toMatchObject({ path: "/api/v1/leader/drops/d1/sign", body: { discrepancies: [{ sku_code: "VEG-1", short: 2, damaged: 0 }] } });
  });
});

describe("what tapping a node does", () => {
  const OWN = ["banner", "notice", "plain", "image", "leader_card", "poster", "coupon"];

  it.each(Object.keys(KINDS))("can be done on every kind: %s", async (kind) => {
    setQuantity("offer0", 1, 398);
    const box = drawn({ ...find(kind), ...(kind === "coupon" && { state: "open" }), tap: { do: "copy", text: "抄下来", content: kind } } as Node);
    const whole = box.findAll("button.is-tap").filter(() => OWN.includes(kind));
    const found = box.findAll("button").filter((one) => one.text() === "抄下来");
    expect(found.length + whole.length || box.findAll("button.image-tap").length).toBe(1);

    await (found[0] ?? whole[0] ?? box.find("button.image-tap")).trigger("click");
    await settled();

    expect(platform.copied).toBe(kind);
  });

  it.each(["empty", "basket_bar"])("is drawn once where the kind has a place of its own for it: %s", (kind) => {
    setQuantity("offer0", 1, 398);
    const to = { do: "navigate", text: "去看看", page: "shelf" };
    const box = drawn({ ...find(kind), to, tap: to } as Node);

    expect(box.findAll("button").filter((one) => one.text() === "去看看").length).toBe(1);
  });

  it("is not drawn beside the choice that does the same", () => {
    const box = drawn({ ...find("language_switch"), tap: { do: "choose_language", text: "切到英文", lang: "en" } } as Node);

    expect(box.text()).not.toContain("切到英文");
  });

  it("is left out where it is not known", () => {
    const box = drawn({ kind: "divider", text: "——", tap: { do: "fly", text: "飞" } } as unknown as Node);

    expect(box.find("button").exists()).toBe(false);
  });
});

describe("tabs", () => {
  it("name their panel, and are changed with the arrows", async () => {
    const box = drawn(find("tabs"));
    const [first, second] = box.findAll("[role=tab]");
    const panel = () => box.find("[role=tabpanel]");
    expect([first!.attributes("aria-controls"), panel().attributes("aria-labelledby")]).toEqual([panel().attributes("id"), first!.attributes("id")]);
    expect([first!.attributes("tabindex"), second!.attributes("tabindex")]).toEqual(["0", "-1"]);

    await first!.trigger("keydown", { key: "ArrowRight" });
    await settled();
    expect([panel().attributes("aria-labelledby"), document.activeElement]).toEqual([second!.attributes("id"), second!.element]);
    expect(box.text()).toContain("乙乙");

    await second!.trigger("keydown", { key: "ArrowRight" });
    await settled();
    expect(document.activeElement).toBe(first!.element);
    await first!.trigger("keydown", { key: "End" });
    await settled();
    expect(document.activeElement).toBe(second!.element);
  });

  it("do not share their names with other tabs of the screen", () => {
    const ids = [drawn(find("tabs")), drawn(find("tabs")), drawn(find("handout"))].flatMap((box) => box.findAll("[id]").map((one) => one.attributes("id")));

    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("settings", () => {
  it("change the size of type on this device", async () => {
    await button(drawn(find("text_size")), "大字").trigger("click");
    await settled();

    expect(settings.size).toBe("large");
    settings.size = "normal";
  });
});
