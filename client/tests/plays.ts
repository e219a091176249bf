// Plays as a server may send them: one of each kind, with all that they may have.
import type { Action, Node } from "../src/schema";
import { page } from "./pages";

const PICTURE = { src: "/static/goods/broccoli.webp", alt: "", width: 160, height: 160, tint: "#eef4ef" };
const PRIZES = [
  { name: "鸡蛋 6 枚", short: "鸡蛋", odds: "0.5%", left: "剩 200 份" },
  { name: "2 元券", odds: "9.5%" },
  { name: "1 元券", odds: "25%" },
  { name: "0 元抽奖机会 1 次", short: "再抽", odds: "35%" },
];
const PROOF = { commitment: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", tap: { do: "navigate" as const, text: "核对这一轮", page: "play_proof", with: { run: "r1" } } };
const draw = (text: string): Action => ({ do: "draw", text, path: "/plays/runs/r1/draw", nonce: "nonce" });
const FRAME = {
  terms: "每周一轮，周一 0 点至周日 24 点。\n满 15 元付款得 1 次，每人每天 1 次。",
  lines: ["今天买满 15 元就能转一次，最好中鸡蛋。"],
  ends_at: "2099-11-29T16:00:00Z",
  over: "这一轮结束了",
  own: [{ label: "我的机会", value: "2 次", note: "今天的订单各得 1 次" }],
  funding: "平台",
  buttons: [{ label: "发给邻居", tap: { do: "share" as const, text: "发给邻居", form: "text" as const, title: "一起玩", content: "回复口令 转一转" } }],
};
const lot = (kind: string, title: string, text: string, rest: object = {}): Node =>
  ({ kind, text: `${title}：鸡蛋 0.5%，2 元券 9.5%，1 元券 25%`, title, ...FRAME, prizes: PRIZES, proof: PROOF, chances: 2, act: draw(text), key: kind, ...rest }) as Node;

export const plays = page("plays", "玩法", [
  lot("play_wheel", "幸运大转盘", "转一次"),
  lot("play_grid", "九宫格", "开始"),
  lot("play_lamp", "跑马灯", "开始"),
  lot("play_scratch", "刮刮卡", "拿一张"),
  lot("play_eggs", "砸金蛋", "砸", { count: 3 }),
  lot("play_reels", "老虎机", "拉一下"),
  lot("play_shake", "摇一摇", "摇"),
  lot("play_claw", "娃娃机", "抓"),
  lot("play_dice", "博饼", "掷", { dice: 6 }),
  lot("play_boxes", "拼手气红包", "拆", { count: 5, opened: [{ name: "王**", value: "¥1.20", best: true }, { name: "李**", value: "¥0.40", own: true, note: "刚刚" }] }),
  { kind: "play_board", text: "邻里团差 1 人成团", title: "3 人团，差 1 人", ...FRAME, have: 2, need: 3, names: ["王**", "李**"], opener: "王**", act: { do: "join", text: "参团", path: "/plays/runs/r2/join" }, progress: { label: "2 / 3 人", value: 2, target: 3, left: "还差 1 人" } },
  { kind: "play_meter", text: "目标接龙 640 元，目标 1000 元", title: "目标接龙", ...FRAME, value: 640, target: 1000, label: "¥640，目标 ¥1000", marks: [500, 1000], levels: [{ at: "¥500", gift: "每单减 0.5 元", state: "done" }, { at: "¥1000", gift: "每单减 1 元", state: "now" }], result: { text: "到 ¥500 了，每单减 0.5 元", tone: "good" } },
  { kind: "play_streak", text: "连续签到 3 天", title: "连续 3 天", ...FRAME, days: [{ label: "周一", state: "done" }, { label: "周二", state: "missed" }, { label: "周三", state: "done" }, { label: "周四", state: "today" }, { label: "周五", state: "next" }, { label: "周六", state: "next" }, { label: "周日", state: "next", gift: "20 积分" }], act: { do: "check_in", text: "签到", path: "/plays/runs/r4/check-in" } },
  { kind: "play_ranking", text: "买菜榜：第 1 名 王**", title: "买菜榜", ...FRAME, places: [{ place: 1, name: "王**", value: "¥86.20", gift: "金篮子" }, { place: 2, name: "李**", value: "¥80.00", own: true }, { place: 2, name: "张**", value: "¥80.00" }, { place: 4, name: "赵**", value: "¥12.00" }] },
  { kind: "play_rain", text: "接金币：30 秒", title: "今天接了 34 枚", ...FRAME, seconds: 30, drops: 80, icon: "coin", chances: 2, act: { do: "play", text: "开始", path: "/plays/runs/r5/play" } },
  { kind: "play_quiz", text: "有奖问答：菠菜怎么存？", title: "五题对三题，转一次", ...FRAME, questions: [
    { id: "q1", title: "菠菜怎么存得久？", picture: PICTURE, choices: [{ value: "a", label: "包好放冷藏" }, { value: "b", label: "泡在水里", note: "一整天" }], act: { do: "answer", text: "答", path: "/plays/runs/r6/answers", body: { question: "q1" } } },
    { id: "q2", title: "明天土豆多少钱一斤？", number: { min: 50, max: 500, step: 1, value: 180, unit: "fen" }, act: { do: "answer", text: "就猜这个价", path: "/plays/runs/r6/answers", body: { question: "q2" } } },
    { id: "q3", title: "哪个是芥菜？", choices: [{ value: "x", label: "左边" }, { value: "y", label: "右边" }], given: "x", right: "y", source: "《蔬菜图谱》" },
  ] },
  { kind: "play_vote", text: "明晚开哪样？土豆 4 票", title: "明晚开哪样？", ...FRAME, entries: [
    { id: "e1", title: "土豆", note: "恩施", picture: PICTURE, votes: 4, own: true, act: { do: "vote", text: "收回", path: "/plays/runs/r7/votes", body: { entry: "e1", times: 0 } } },
    { id: "e2", title: "莲藕", votes: 1, act: { do: "vote", text: "投票", path: "/plays/runs/r7/votes", body: { entry: "e2" } } },
  ] },
  { kind: "play_plot", text: "小区菜园浇了 34 次", title: "小区菜园", ...FRAME, value: 34, target: 60, stages: ["种子", "发芽", "长叶", "结果"], stage: 2, helpers: ["王** 浇了 3 次", "李** 浇了 1 次"], act: { do: "call", text: "浇水", method: "POST", path: "/plays/runs/r8/water" } },
  { kind: "play_cards", text: "集了 3 张，还差 2 张", title: "集了 3 张", ...FRAME, cards: [{ name: "春", have: 2, picture: PICTURE, tap: { do: "call", text: "送一张", method: "POST", path: "/plays/runs/r9/gifts", body: { card: "spring" } } }, { name: "夏", have: 1, note: "昨天" }, { name: "秋" }, { name: "冬" }] },
  { kind: "play_tasks", text: "今天的任务：下单 1/3", title: "今天的任务", ...FRAME, tasks: [{ title: "下 3 单", note: "满 10 元的", gift: "5 积分", value: 1, target: 3, act: { do: "navigate", text: "去下单", page: "shelf" } }, { title: "签到", gift: "1 积分", state: "done" }, { title: "评价一次", gift: "3 积分", act: { do: "open_run", text: "开始", path: "/plays/p1/runs", ask: "现在开始？" } }] },
  { kind: "play_price", text: "还价：现在 10.60 元，最低 9.68 元", title: "还能还 2 个来回", ...FRAME, now_fen: 1060, day_fen: 1100, floor_fen: 968, steps: [{ label: "3 份起", fen: 1060, state: "now" }, { label: "10 份起", fen: 968, state: "next" }], falls_at: "2099-11-29T16:00:00Z", bids: [{ name: "我", fen: 970, own: true }, { name: "团长", fen: 1060, note: "自动" }], bid: { min: 968, max: 1100, step: 10, value: 1000, unit: "fen" }, act: { do: "answer", text: "出价", path: "/plays/runs/r10/offers", name: "price_fen" } },
  { kind: "play_coupon", text: "5 元券，满 30 元可用", title: "欢迎回来", ...FRAME, amount: "¥5", condition: "满 30 元可用", until: "2026-12-01T00:00:00Z", code: "HUILAI", act: { do: "call", text: "领券", method: "POST", path: "/plays/runs/r11/claim" } },
]);
