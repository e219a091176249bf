import type { VueWrapper } from "@vue/test-utils";
import { beforeEach, describe, expect, it } from "vitest";
import type { Node } from "../src/schema";
import { notice } from "../src/shell/notices";
import { queue } from "../src/shell/queue";
import { settings } from "../src/shell/settings";
import { button, drawn, find } from "./drawn";
import { platform, settled } from "./platform";

beforeEach(() => {
  document.body.innerHTML = "";
  settings.language = "zh-hans";
  notice.text = "";
});

describe("at the door", () => {
  const node = find("handout") as Extract<Node, { kind: "handout" }>;
  const person = (id: string, name: string) => ({ id, name, phone: "138****8000", state: "waiting", units: 1, basket: null, checks: [], goods: [] });
  const sends = (pickups: Record<string, ReturnType<typeof person>[]>) =>
    (platform.answer = ({ path }) => ({ status: 200, body: { pickups: Object.entries(pickups).find(([on]) => path.includes(on))?.[1] } }));
  const type = (key: string, at: EventTarget = window) => at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const typed = (box: VueWrapper) => box.find(".typed").text();

  beforeEach(() => Object.assign(queue, { deeds: [], offline: false, signedOut: false }));

  it("shows another day with its own people", async () => {
    sends({ "2026-11-22": [person("k1", "王**")], "2026-11-23": [person("k2", "李**"), person("k3", "张**")] });
    const box = drawn(node);
    await settled();
    expect(box.text()).toContain("1 人未取");

    await box.setProps({ node: { ...node, day: "11月23日的货", sale_on: "2026-11-23", source: "/leader/pickups?sale_on=2026-11-23" } });
    await settled();

    expect(box.text()).toContain("2 人未取");
    await button(box, "名单（2 人未取）").trigger("click");
    expect(box.text()).toContain("李**");
    expect(box.text()).not.toContain("王**");
  });

  it("reads the list again with the page: a second van may have come", async () => {
    sends({ "2026-11-22": [person("k1", "王**")] });
    const box = drawn(node);
    await settled();
    sends({ "2026-11-22": [person("k1", "王**"), person("k4", "赵**")] });

    await box.setProps({ node: { ...node } });
    await settled();

    expect(box.text()).toContain("2 人未取");
  });

  it("claims nothing about a list that was never read", async () => {
    platform.answer = () => ({ status: 403, body: { title: "这不是您的自提点。" } });
    const box = drawn(node);
    await settled();

    expect(box.text()).toContain("这不是您的自提点。名单还没有读到");
    expect(box.text()).not.toMatch(/已同步|0 人未取|没有网络/);
  });

  it("asks who is signed out to sign in", async () => {
    platform.answer = () => ({ status: 401 });
    const box = drawn(node);
    await settled();

    await button(box, "登录").trigger("click");

    expect(platform.went[0]).toContain("page=sign_in");
  });

  it("refuses a code at once after too many wrong ones", async () => {
    platform.answer = ({ method }) => (method === "GET" ? { status: 200, body: { pickups: [] } } : { status: 429, body: { title: "错误的取货码太多，请稍后再试。" } });
    const box = drawn(node);
    await settled();

    for (const key of "999999") type(key);
    await settled();

    expect(notice.text).toBe("错误的取货码太多，请稍后再试。");
    expect(box.text()).toContain("已同步");
  });

  it("listens to the keyboard only where it is seen and nothing else is typed into", async () => {
    const box = drawn(node);
    await settled();
    type("1");
    await settled();
    expect(typed(box)).toBe("1·····");

    const other = document.body.appendChild(document.createElement("textarea"));
    type("2", other);
    const place = box.element.parentElement!;
    place.remove();
    type("3");
    document.body.append(place);
    await settled();

    expect(typed(box)).toBe("1·····");
    box.unmount();
  });
});
