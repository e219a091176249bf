import { describe, expect, it } from "vitest";
import { prepare } from "../src/renderer/prepare";
import type { Node, Page } from "../src/schema";
import { page, PAGES, shelf } from "./pages";

const drawn = (body: unknown[], rest: Partial<Page> = {}): Node[] => prepare(page("any", "任何", body as Node[], rest)).body;
const tap = { do: "navigate", text: "去转盘", page: "wheel" };

describe("a page of this schema", () => {
  it.each(Object.keys(PAGES))("%s is drawn as it came", (name) => {
    expect(prepare(PAGES[name]!).body).toEqual(PAGES[name]!.body);
  });

  it("keeps its tabs and what sticks to the bottom", () => {
    const made = prepare(shelf);

    expect(made.tabs.map((one) => one.id)).toEqual(["tonight", "orders", "pickup", "me"]);
    expect(made.foot.map((node) => node.kind)).toEqual(["basket_bar"]);
  });

  it("is drawn even where a server leaves out what is empty", () => {
    const bare = { schema: 1, name: "bare", title: "空", lang: "en", as_of: "2026-11-23T11:00:00Z", fresh_for: 1 } as Page;

    expect(prepare(bare)).toMatchObject({ tabs: [], body: [], foot: [] });
  });
});

describe("what this client does not know", () => {
  it("becomes words with its tap", () => {
    expect(drawn([{ kind: "wheel", text: "转一次，赢三元券", tap, sectors: [1] }])).toEqual([{ kind: "plain", text: "转一次，赢三元券", tap }]);
  });

  it("loses a tap that nobody here can do, and no words", () => {
    expect(drawn([{ kind: "wheel", text: "转一次", tap: { do: "spin", text: "转" } }])).toEqual([{ kind: "plain", text: "转一次" }]);
  });

  it("is followed by the known parts inside it", () => {
    const carousel = { kind: "carousel", text: "三张图", children: [{ kind: "divider", text: "——" }, { kind: "hologram", text: "立体图" }] };

    expect(drawn([carousel])).toEqual([{ kind: "plain", text: "三张图" }, { kind: "divider", text: "——" }, { kind: "plain", text: "立体图" }]);
  });

  it("becomes words deep inside sections and tabs", () => {
    const strange = { kind: "wheel", text: "转盘" };
    const nested = { kind: "section", text: "外", children: [{ kind: "tabs", text: "里", items: [{ id: "a", title: "甲", body: [{ kind: "section", text: "最里", children: [strange] }] }] }] };

    const [outer] = drawn([nested]) as [any];

    expect(outer.children[0].items[0].body[0].children).toEqual([{ kind: "plain", text: "转盘" }]);
  });

  it("is not mistaken for what every object has", () => {
    expect(drawn([{ kind: "constructor", text: "构造" }, { kind: "toString", text: "文字" }])).toEqual([{ kind: "plain", text: "构造" }, { kind: "plain", text: "文字" }]);
  });

  it.each([
    [{ kind: "offer_grid", text: "今晚的货" }],
    [{ kind: "offer_grid", text: "今晚的货", offers: "many" }],
    [{ kind: "poster", text: "今晚的货", title: "海报", qr: null }],
    [{ text: "今晚的货" }],
  ])("%o cannot be drawn and becomes words", (node) => {
    expect(drawn([node])).toEqual([{ kind: "plain", text: "今晚的货" }]);
  });

  it("that is nothing at all is passed over", () => {
    expect(drawn([null, 7, "words", []])).toEqual([]);
  });
});

describe("a page of a greater schema", () => {
  it("becomes the words of all its nodes, with the taps that are known", () => {
    const body = [
      { kind: "banner", text: "横幅", title: "标题", tap },
      { kind: "section", text: "一段", title: "一段", children: [{ kind: "notice", text: "提示", title: "提示" }, { kind: "wheel", text: "转盘", tap: { do: "spin", text: "转" } }] },
    ];

    expect(drawn(body, { schema: 2 })).toEqual([
      { kind: "plain", text: "横幅", tap },
      { kind: "plain", text: "提示" },
      { kind: "plain", text: "转盘" },
    ]);
  });

  it("does so for what sticks to the bottom too", () => {
    expect(prepare({ ...shelf, schema: 9 }).foot).toEqual([{ kind: "plain", text: "去结算" }]);
  });
});
