import type { VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Node } from "../src/schema";
import { drawn, find } from "./drawn";
import { PAGES } from "./pages";
import { calls, platform } from "./platform";

beforeEach(() => {
  document.body.innerHTML = "";
});

describe("the choice of a pickup point", () => {
  const node = find("point_picker") as Extract<Node, { kind: "point_picker" }>;
  const named = (name: string) => ({ ...node.points[0]!, id: name, name });
  const names = (box: VueWrapper) => box.findAll("li .strong").map((one) => one.text());
  const within = { ...node, place: { do: "place" as const, text: "按距离排序", page: "points", with: { province: "42" } } };

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is looked for here at once, and by the server among all", async () => {
    platform.answer = () => ({ status: 200, body: { ...PAGES.points, body: [{ ...within, points: [named("别处的光谷站")] }] } });
    const box = drawn(within);

    await box.find("input").setValue(" 光谷");
    expect(names(box)).toEqual(["光谷自提点1", "光谷自提点4"]);
    await vi.advanceTimersByTimeAsync(300);

    expect(calls().map((wish) => decodeURIComponent(wish.path))).toEqual(["/api/v1/pages/points?province=42&q=光谷"]);
    expect(names(box)).toEqual(["别处的光谷站"]);
    await box.find("input").setValue("");
    await vi.advanceTimersByTimeAsync(300);
    expect([names(box).length, calls().length]).toEqual([7, 1]);
  });

  it("is asked for once typing has stopped, and an answer that is late is not taken for a later one", async () => {
    platform.answer = ({ path }) => ({ status: 200, body: { ...PAGES.points, body: [{ ...within, points: [named(decodeURIComponent(path))] }] } });
    const box = drawn(within);
    await box.find("input").setValue("东");
    await vi.advanceTimersByTimeAsync(200);
    await box.find("input").setValue("东湖");
    await vi.advanceTimersByTimeAsync(300);

    expect(calls()).toHaveLength(1);
    expect(names(box)[0]).toContain("q=东湖");
    await box.find("input").setValue("汉阳");
    expect(names(box)).toEqual(["汉阳自提点2", "汉阳自提点5"]);
  });

  it("stays with what is here without a network", async () => {
    platform.answer = () => "offline";
    const box = drawn(within);

    await box.find("input").setValue("光谷");
    await vi.advanceTimersByTimeAsync(300);

    expect(names(box)).toEqual(["光谷自提点1", "光谷自提点4"]);
  });
});
