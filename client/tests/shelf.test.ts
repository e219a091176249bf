import { beforeEach, describe, expect, it } from "vitest";
import type { Offer } from "../src/schema";
import { emptyBasket, quantityOf, setQuantity } from "../src/shell/basket";
import { notice } from "../src/shell/notices";
import { place } from "../src/shell/place";
import { settings } from "../src/shell/settings";
import { wholeList } from "../src/shell/shelf";
import { platform } from "./platform";

const sent = (id: string, name: string, more = {}) => ({
  id, name, spec: "", unit: "袋", category_code: "vegetables", origin: "武汉", picture: "", price_fen: 398, list_price_fen: null, price_per_500g_fen: null,
  per_order_limit: 5, per_life_limit: null, discount: null, left: 50, ...more,
});
const source = { path: "/api/v1/points/p1/shelf", from: 1 };
const picture = { src: "/static/goods/broccoli.webp", alt: "", width: 96, height: 96 };
const first: Offer = { id: "a", name: "上海青", price_fen: 398, list_fen: 500, picture, notes: ["8折"], nearby: { count: 3, text: "附近 3 位" }, tap: { do: "navigate", text: "看", page: "product", with: { offer: "a" } } };

function selling(...offers: object[]): void {
  platform.answer = () => ({ status: 200, body: { sale_on: "2026-11-23", offers } });
}

beforeEach(() => {
  settings.language = "zh-hans";
  place.here = { id: "p1", name: "东湖" };
  Object.assign(notice, { text: "" });
  emptyBasket();
});

describe("the whole list of a shelf", () => {
  it("tells the terms of every offer, in both languages", async () => {
    selling(sent("b", "鸡蛋", { discount: { price_bps: 8500, cut_fen: null }, per_life_limit: 1 }), sent("c", "苹果", { discount: { price_bps: null, cut_fen: 200 } }), sent("d", "梨"));
    const notes = async () => (await wholeList([], source)).map((offer) => offer.notes);

    expect(await notes()).toEqual([["8.5折", "每人累计限购 1 份"], ["直降 ¥2.00"], []]);
    settings.language = "en";
    expect(await notes()).toEqual([["15% off", "at most 1 per person, ever"], ["¥2.00 off"], []]);
  });

  it("makes the first offers what they are now, and leaves what the shelf does not know", async () => {
    selling(sent("a", "上海青", { price_fen: 450, discount: { price_bps: 9000, cut_fen: null } }));

    const [offer] = await wholeList([first], source);

    expect(offer).toMatchObject({ price_fen: 450, list_fen: null, notes: ["9折"], picture, nearby: first.nearby, tap: first.tap });
  });

  it("leads on at its own point", async () => {
    selling(sent("b", "鸡蛋"));

    expect((await wholeList([], source))[0]?.tap).toMatchObject({ page: "product", with: { offer: "b", point: "p1" } });
  });
});

describe("the basket beside a shelf", () => {
  beforeEach(() => {
    setQuantity("a", 1, 398);
    setQuantity("b", 1, 1290);
    setQuantity("of yesterday", 1, 100);
  });

  it("loses what is gone, and the reader is told", async () => {
    selling(sent("a", "上海青"), sent("b", "鸡蛋", { left: 0 }));

    await wholeList([], source);

    expect([quantityOf("a"), quantityOf("b"), quantityOf("of yesterday")]).toEqual([1, 0, 0]);
    expect(notice.text).toBe("鸡蛋等 2 样已售完或不在今晚的货架上，已移出购物篮。");
  });

  it("is left alone, without a word, where nothing is gone", async () => {
    selling(sent("a", "上海青"), sent("b", "鸡蛋"), sent("of yesterday", "梨"));

    await wholeList([], source);

    expect([quantityOf("of yesterday"), notice.text]).toEqual([1, ""]);
  });

  it("is left alone by the shelf of another point than the reader's", async () => {
    place.here = { id: "p2", name: "光谷" };
    selling();

    await wholeList([], source);

    expect([quantityOf("a"), notice.text]).toEqual([1, ""]);
  });
});
