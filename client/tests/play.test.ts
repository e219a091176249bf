import { beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../src/actions/run";
import type { Action, Node } from "../src/schema";
import { answer, notice, question } from "../src/shell/notices";
import { enter, leave, type ScreenHandle } from "../src/shell/screens";
import { settings } from "../src/shell/settings";
import { button, drawn, find } from "./drawn";
import { calls, platform, settled } from "./platform";
import { plays } from "./plays";

let refreshed = 0;
const screen: ScreenHandle = {
  address: () => ({ name: "plays", with: {} }),
  isSigningIn: () => false,
  showInstead: () => undefined,
  refresh: async () => void (refreshed += 1),
  share: () => undefined,
};

const still = (matches: boolean): void => void Object.assign(window, { matchMedia: () => ({ matches }) });
const answers = (body: unknown, status = 200): void => void (platform.answer = () => ({ status, body }));
const said = (box: ReturnType<typeof drawn>): string => box.find("[role=status]").text();
const LOTS = plays.body.filter((node) => "chances" in node && node.kind !== "play_rain").map((node) => node.kind);
const press = (kind: string, box: ReturnType<typeof drawn>) => (kind === "play_eggs" || kind === "play_boxes" ? box.find("button.pick") : box.findAll(".play-draw button")[0]!).trigger("click");

beforeEach(() => {
  document.body.innerHTML = "";
  settings.language = "zh-hans";
  notice.text = "";
  refreshed = 0;
  leave(screen);
  enter(screen);
  still(true);
});

describe("every play", () => {
  it.each(plays.body.map((node) => node.kind))("%s says what it is, until when, for whom, and who pays", async (kind) => {
    const box = drawn(find(kind));
    const node = find(kind) as Extract<Node, { kind: "play_board" }>;

    expect(box.find("h2").text()).toBe(node.title);
    expect(box.find("[role=timer]").attributes("aria-label")).toMatch(/^还有 \d+ 天/);
    expect(box.text()).toContain("我的机会");
    expect(box.text()).not.toContain("每周一轮");
    await button(box, "规则").trigger("click");
    expect(button(box, "规则").attributes("aria-expanded")).toBe("true");
    expect(box.text()).toContain("每周一轮");
    expect(box.text()).toContain("费用：平台");
  });

  it.each(plays.body.map((node) => node.kind))("%s bears what it does not know", (kind) => {
    const later = { ...find(kind), mood: { colour: "blue" }, state: "paused", result: { text: "中了", prize: 99, tone: "festive" }, levels: [{ at: "1", gift: "券", state: "soon" }] } as unknown as Node;

    expect(drawn(later).html()).not.toMatch(/undefined|NaN|\[object/);
  });

  it("is drawn once where its tap says by an older action what its own does", () => {
    const node = { ...find("play_board"), tap: { do: "call", text: "参团", method: "POST", path: "/plays/runs/r2/join" } } as Node;

    expect(drawn(node).findAll("button").filter((one) => one.text() === "参团")).toHaveLength(1);
  });

  it("speaks the other language", () => {
    settings.language = "en";

    expect(drawn(find("play_wheel")).text()).toContain("Odds");
    expect(drawn(find("play_board")).text()).toContain("1 more needed");
  });
});

describe("a draw", () => {
  it.each(LOTS)("%s shows what the server drew, at once where nothing may move", async (kind) => {
    answers({ prize: 1, text: "中了 2 元券", ticket: "r1:m1:1:ab" });
    const box = drawn(find(kind));
    expect(said(box)).toBe("");

    await press(kind, box);
    await settled();

    expect(said(box)).toContain("中了 2 元券");
    expect(said(box)).toContain("r1:m1:1:ab");
    const [wish] = calls();
    expect(wish).toMatchObject({ method: "POST", path: "/api/v1/plays/runs/r1/draw" });
    expect((wish!.body as { nonce: string }).nonce).toBe(wish!.headers["Idempotency-Key"]);
    expect(refreshed).toBe(1);
  });

  it.each(LOTS)("%s says so where nothing was won", async (kind) => {
    answers({ prize: null });
    const box = drawn(find(kind));

    await press(kind, box);
    await settled();

    expect(said(box)).toBe("这次没有中。");
  });

  it("lands before it tells, and is not drawn again meanwhile", async () => {
    vi.useFakeTimers();
    still(false);
    answers({ prize: 0 });
    const box = drawn(find("play_wheel"));

    await press("play_wheel", box);
    await vi.advanceTimersByTimeAsync(1000);
    expect(said(box)).toBe("");
    expect(box.find(".wheel-disc").attributes("style")).toContain("rotate(1764deg)");
    await press("play_wheel", box);
    await vi.advanceTimersByTimeAsync(3000);
    vi.useRealTimers();

    expect(said(box)).toBe("中了：鸡蛋 6 枚");
    expect(calls()).toHaveLength(1);
  });

  it("is the same lot when the answer was lost", async () => {
    platform.answer = () => "offline";
    const box = drawn(find("play_dice"));
    await press("play_dice", box);
    await settled();
    expect(notice.tone).toBe("bad");
    answers({ prize: null });
    await press("play_dice", box);
    await settled();
    await press("play_dice", box);
    await settled();

    const [lost, again, next] = calls().map((wish) => (wish.body as { nonce: string }).nonce);
    expect(again).toBe(lost);
    expect(next).not.toBe(again);
  });

  it("is not to be had without a ticket", async () => {
    const box = drawn({ ...find("play_grid"), chances: 0 } as Node);

    await press("play_grid", box);

    expect(calls()).toEqual([]);
    expect(box.text()).toContain("还有 0 次");
  });

  it("stops the light where the prize is", async () => {
    answers({ prize: 2 });
    const box = drawn(find("play_lamp"));
    await press("play_lamp", box);
    await settled();

    expect(box.find(".light-cell.is-lit").text()).toBe("1 元券");
  });

  it("stops three reels alike for a prize and never for nothing", async () => {
    const box = drawn(find("play_reels"));
    const stopped = () => box.findAll(".reel-strip").map((strip) => Number(/-(\d+)px/.exec(strip.attributes("style")!)![1]) / 72).map((row) => row % 5);
    answers({ prize: 2 });
    await press("play_reels", box);
    await settled();
    expect(stopped()).toEqual([2, 2, 2]);
    answers({ prize: null });
    await press("play_reels", box);
    await settled();

    expect(new Set(stopped()).size).toBe(3);
  });

  it("lets dice fall as the server rolled them", async () => {
    answers({ prize: 0, faces: [4, 4, 4, 4, 1, 1] });
    const box = drawn(find("play_dice"));
    await press("play_dice", box);
    await settled();

    expect(box.findAll(".die").map((die) => die.findAll(".die-eye").length)).toEqual([4, 4, 4, 4, 1, 1]);
  });

  it("is uncovered patch by patch", async () => {
    still(false);
    answers({ prize: 1 });
    const box = drawn(find("play_scratch"));
    await press("play_scratch", box);
    await settled();
    expect(said(box)).toBe("");
    for (const patch of box.findAll(".scratch-patch").slice(0, 8)) await patch.trigger("click");
    await settled();
    expect(said(box)).toBe("");
    await button(box, "一次刮开").trigger("click");
    await settled();

    expect(said(box)).toBe("中了：2 元券");
    expect(box.find(".scratch-patch").exists()).toBe(false);
  });

  it("shows the hash of the seed and the way to check it", async () => {
    const box = drawn(find("play_wheel"));
    await button(box, "怎么核对抽奖").trigger("click");
    expect(box.text()).toContain("9f86d081884c7d65");
    await button(box, "核对这一轮").trigger("click");
    await settled();

    expect(platform.went).toEqual(["to /pages/page/page?page=play_proof&run=r1"]);
  });
});

describe("the rain", () => {
  it("counts what is caught and sends it when the time is over", async () => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(0.6);
    answers({ text: "3 枚，今天 37 枚" });
    const box = drawn({ ...find("play_rain"), seconds: 5, drops: 10 } as Node);
    const lane = () => button(box, "第 3 列");
    await lane().trigger("click");

    await button(box, "开始").trigger("click");
    await vi.advanceTimersByTimeAsync(1100);
    for (let tap = 0; tap < 3; tap += 1) await lane().trigger("click");
    await button(box, "第 1 列").trigger("click");
    await vi.advanceTimersByTimeAsync(600);
    await lane().trigger("click");
    await vi.advanceTimersByTimeAsync(4000);
    vi.useRealTimers();
    vi.restoreAllMocks();
    await settled();

    expect(calls().map((wish) => [wish.path, wish.body])).toEqual([["/api/v1/plays/runs/r5/play", { points: 3 }]]);
    expect(said(box)).toBe("3 枚，今天 37 枚");
  });

  it("keeps what was caught where the network is gone", async () => {
    vi.useFakeTimers();
    platform.answer = () => "offline";
    const box = drawn({ ...find("play_rain"), seconds: 1 } as Node);
    await button(box, "开始").trigger("click");
    await vi.advanceTimersByTimeAsync(1500);
    answers({});
    await button(box, "交上这 0 个").trigger("click");
    await vi.advanceTimersByTimeAsync(100);
    vi.useRealTimers();

    expect(calls().map((wish) => wish.headers["Idempotency-Key"]).filter((key, at, all) => all.indexOf(key) === at)).toHaveLength(1);
    expect(button(box, "开始")).toBeTruthy();
  });
});

describe("answers", () => {
  it("of a question are the chosen value, and the right one is shown", async () => {
    answers({ text: "答对了", right: "a", tone: "good" });
    const box = drawn(find("play_quiz"));
    await box.findAll(".quiz-choice")[0]!.trigger("click");
    await settled();

    expect(calls()[0]).toMatchObject({ path: "/api/v1/plays/runs/r6/answers", body: { question: "q1", answer: "a" } });
    expect(box.find(".is-right-answer").text()).toContain("包好放冷藏");
    await box.findAll(".quiz-choice")[1]!.trigger("click");
    await settled();
    expect(calls()).toHaveLength(1);
  });

  it("of a guess are a number within its bounds", async () => {
    const box = drawn(find("play_quiz"));
    await button(box, "下一题").trigger("click");
    await button(box, "+¥0.10").trigger("click");
    await button(box, "−¥0.01").trigger("click");
    await button(box, "就猜这个价").trigger("click");
    await settled();

    expect(calls()[0]!.body).toEqual({ question: "q2", answer: 189 });
  });

  it("of a closed question are shown with the right one", async () => {
    const box = drawn(find("play_quiz"));
    await button(box, "下一题").trigger("click");
    await button(box, "下一题").trigger("click");

    expect(box.find(".is-wrong-answer").text()).toContain("左边");
    expect(box.find(".is-right-answer").text()).toContain("右边");
    expect(box.text()).toContain("《蔬菜图谱》");
  });

  it("to an offer are a price, never below the floor", async () => {
    const box = drawn(find("play_price"));
    for (let tap = 0; tap < 9; tap += 1) await button(box, "−¥0.10").trigger("click");
    await button(box, "出价 ¥9.68").trigger("click");
    await settled();

    expect(calls()[0]!.body).toEqual({ price_fen: 968 });
  });
});

describe("deeds", () => {
  it.each<[string, string, string, unknown]>([
    ["play_board", "参团", "/api/v1/plays/runs/r2/join", {}],
    ["play_streak", "签到", "/api/v1/plays/runs/r4/check-in", {}],
    ["play_vote", "投票：莲藕", "/api/v1/plays/runs/r7/votes", { entry: "e2" }],
    ["play_plot", "浇水", "/api/v1/plays/runs/r8/water", {}],
    ["play_cards", "送一张：春", "/api/v1/plays/runs/r9/gifts", { card: "spring" }],
    ["play_coupon", "领券", "/api/v1/plays/runs/r11/claim", {}],
  ])("of %s go where the page says, with a key, and their answer is shown", async (kind, words, path, body) => {
    answers({ text: "好了" });
    const box = drawn(find(kind));
    await button(box, words).trigger("click");
    await settled();

    expect(calls()).toMatchObject([{ method: "POST", path, body }]);
    expect(calls()[0]!.headers["Idempotency-Key"]).toMatch(/^[0-9a-f]{32}$/);
    expect(said(box)).toBe("好了");
  });

  it("open a run of one's own once that is sure", async () => {
    const box = drawn(find("play_tasks"));
    await button(box, "开始：评价一次").trigger("click");
    await settled();
    expect([question.text, calls()]).toEqual(["现在开始？", []]);
    answer(true);
    await settled();

    expect(calls()).toMatchObject([{ method: "POST", path: "/api/v1/plays/p1/runs" }]);
    expect(refreshed).toBe(1);
  });

  it("outside of a play tell their answer, and do what follows instead of asking again", async () => {
    answers({ id: "r1", text: "开好了" });
    const open: Action = { do: "open_run", text: "开一轮", path: "/plays/p1/runs", done: [{ do: "navigate", text: "看", page: "play", with: { run: "$id" } }] };
    await run(open);

    expect([notice.text, platform.went, refreshed]).toEqual(["开好了", ["to /pages/page/page?page=play&run=r1"], 0]);
  });

  it("that are refused say why and let one try again", async () => {
    answers({ title: "今天的机会用完了", code: "no_ticket" }, 422);
    const box = drawn(find("play_shake"));
    await press("play_shake", box);
    await settled();

    expect(notice.text).toBe("今天的机会用完了");
    expect(button(box, "摇").attributes("aria-disabled")).toBeUndefined();
  });
});

describe("what a kind shows", () => {
  it.each<[string, string[]]>([
    ["play_board", ["2 / 3 人", "还差 1 人", "王** 开的团"]],
    ["play_meter", ["¥640，目标 ¥1000", "每单减 0.5 元", "到了"]],
    ["play_streak", ["周一", "20 积分"]],
    ["play_ranking", ["金篮子", "¥86.20", "我"]],
    ["play_plot", ["结果", "王** 浇了 3 次"]],
    ["play_cards", ["有 2 张", "还没有"]],
    ["play_tasks", ["1 / 3", "完成"]],
    ["play_price", ["最低 ¥9.68", "团长", "自动", "10 份起"]],
    ["play_coupon", ["满 30 元可用", "HUILAI"]],
    ["play_boxes", ["王**", "手气最佳"]],
    ["play_wheel", ["0.5%", "剩 200 份", "还有 2 次"]],
  ])("%s", (kind, words) => {
    const text = drawn(find(kind)).text();

    expect(words.filter((word) => !text.includes(word))).toEqual([]);
  });
});
