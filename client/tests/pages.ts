// Pages as a server may send them: every kind is on one of them.
import type { Node, Offer, Page, Tab } from "../src/schema";

/** A page with something on it. */
export type Full = Page & { body: Node[] };

const GOODS: [string, string, number, number | null][] = [
  ["上海青", "broccoli", 398, null],
  ["农家散养鸡蛋 10 枚装", "egg", 1290, 1590],
  ["红富士苹果", "apple", 990, null],
  ["赣南脐橙", "orange", 1280, 1680],
  ["黑猪五花肉", "meat", 2480, null],
  ["鲜活基围虾", "shrimp", 3990, null],
  ["五常大米 2.5kg", "rice", 2990, null],
  ["洪湖莲藕", "lotus", 680, null],
  ["小南瓜", "chestnut", 450, null],
  ["手工水饺", "dumpling", 1890, null],
];

export function offer(at: number): Offer {
  const [name, picture, fen, list] = GOODS[at % GOODS.length]!;
  return {
    id: `offer${at}`,
    name,
    spec: ["300g/袋", "10枚/盒", "1kg/袋", "2.5kg/箱"][at % 4],
    unit: "份",
    price_fen: fen,
    list_fen: list,
    per_unit: at % 2 ? "" : `¥${(fen / 150).toFixed(2)}/500g`,
    picture: { src: `/static/goods/${picture}.webp`, alt: "", width: 160, height: 160, tint: "#eef4ef" },
    category: at % 3 ? "vegetables" : "fruit",
    left: at === 2 ? 7 : null,
    limit: 5,
    sold_out: at === 5,
    notes: at % 3 === 0 ? ["湖北武汉"] : [],
    nearby: at === 0 ? { count: 12, text: "附近 12 位邻居买过" } : null,
    score: at === 1 ? { value_permille: 930, reviews: 46, effective: 17, text: "46 条评价，约合 17 条独立意见" } : null,
    tap: { do: "navigate", text: name, page: "product", with: { offer: `offer${at}` } },
  };
}

export const TABS: Tab[] = [
  { id: "tonight", title: "今晚", icon: "basket", page: "shelf" },
  { id: "orders", title: "订单", icon: "receipt", page: "orders" },
  { id: "pickup", title: "取货", icon: "qrcode", page: "pickup", badge: 1 },
  { id: "me", title: "我的", icon: "user-circle", page: "me" },
];

export const page = (name: string, title: string, body: Node[], rest: Partial<Page> = {}): Full => ({
  schema: 1,
  name,
  title,
  lang: "zh-hans",
  as_of: "2026-11-23T11:00:00Z",
  fresh_for: 30,
  body,
  ...rest,
});

const QR = { path: "M4 4h7v7h-7z M6 6h3v3h-3z M14 4h7v7h-7z M4 14h7v7h-7z M14 14h2v2h-2z M18 14h3v2h-3z M14 18h3v3h-3z M19 19h2v2h-2z", size: 25 };
const OPEN = (name: string, text = name) => ({ do: "navigate" as const, text, page: name });
const LINE = { name: "上海青", spec: "300g/袋", unit: "袋", quantity: 2, picture: { src: "/static/goods/broccoli.webp", alt: "", width: 56, height: 56 } };

export const shelf = page(
  "shelf",
  "今晚的货架",
  [
    { kind: "leader_card", text: "东湖自提点，老王", name: "东湖自提点", note: "珞珈路 1 号 · 老王的店", hours: "明天 16:00–21:00 取货", tap: OPEN("points", "换一个") },
    { kind: "countdown", text: "今晚 23:00 截单", until: "2099-11-23T15:00:00Z", label: "今晚截单还有", over: "今晚已截单" },
    { kind: "banner", text: "明天到店：鲜活水产", title: "鲜活水产，当天到店", lines: ["明早从洪湖发车"], picture: { src: "/static/goods/shrimp.webp", alt: "", width: 84, height: 84 }, tap: OPEN("seafood") },
    { kind: "offer_grid", text: "今晚 10 种货", offers: Array.from({ length: 10 }, (_, at) => offer(at)), search: true, categories: [{ id: "vegetables", title: "蔬菜" }, { id: "fruit", title: "水果" }] },
  ],
  { tabs: TABS, tab: "tonight", foot: [{ kind: "basket_bar", text: "去结算", to: OPEN("basket", "去结算") }] },
);

export const product = page(
  "product",
  "赣南脐橙",
  [
    {
      kind: "product", text: "赣南脐橙 12.80 元", offer: { ...offer(3), left: 9 }, origin: "江西赣州", storage: "阴凉处 7 天",
      facts: [{ label: "批次", value: "2026-11-22 采摘" }], certificates: [{ title: "农残检测合格", number: "JX-2026-1122", on: "2026-11-22" }],
    },
    { kind: "section", text: "价格", title: "近期成交价", children: [{ kind: "price_history", text: "近 7 天价格在 12.80 到 16.80 元之间", points: [1680, 1680, 1590, 1680, 1680, 1450, 1280].map((fen, at) => ({ on: `2026-11-${17 + at}`, fen })), note: "划线价是此前 7 天的最低成交价。" }] },
  ],
  { foot: [{ kind: "basket_bar", text: "去结算", to: OPEN("basket", "去结算") }] },
);

export const basket = page("basket", "购物篮", [
  { kind: "basket_lines", text: "三样货", lines: [{ offer: offer(0), quantity: 2 }, { offer: offer(1), quantity: 1, why: "" }, { offer: offer(2), quantity: 1, why: "每单限 5 份" }] },
  { kind: "quote", text: "应付 29.76 元", steps: [{ label: "商品合计", fen: 3076 }, { label: "新人券", fen: -100, why: "满 30 减 1" }], to_pay_fen: 2976, refusals: [{ offer: "offer5", name: "鲜活基围虾", reason: "已售完" }] },
  { kind: "notice", text: "截单前可改", tone: "info", title: "23:00 截单前可以修改或取消", lines: ["明天 16:00–21:00 在东湖自提点取货"] },
], { foot: [{ kind: "buttons", text: "提交订单", items: [{ label: "提交订单并支付", style: "main", tap: { do: "order", text: "提交订单", point: "p1", done: [{ do: "pay", text: "支付", order: "$id" }] } }] }] });

export const orders = page("orders", "我的订单", [
  { kind: "order_list", text: "两张订单", orders: [
    { id: "o1", number: "11237KQ2MX", state: "unpaid", state_text: "待支付", tone: "warn", title: "11月23日", summary: "上海青 × 2、农家散养鸡蛋 × 1、红富士苹果 × 1", amount_fen: 2976, tap: OPEN("order") },
    { id: "o2", number: "11227KQ2MA", state: "collected", state_text: "已自提", tone: "info", title: "11月22日", summary: "黑猪五花肉 × 1", amount_fen: 2480, tap: OPEN("order") },
  ] },
], { tabs: TABS, tab: "orders" });

export const order = page("order", "11月23日的订单", [
  { kind: "status_line", text: "已支付，备货中", steps: [{ label: "已支付", at: "2026-11-23T11:02:00Z", state: "done" }, { label: "备货中", state: "now" }, { label: "可取货", state: "next" }] },
  { kind: "order", text: "订单 11237KQ2MX", id: "o1", number: "11237KQ2MX", state: "paid", state_text: "已支付", tone: "good", amount_fen: 796, refunded_fen: 398, promise: "明天 16:00–21:00 在东湖自提点取货", change_until: "2026-11-23T15:00:00Z",
    lines: [{ ...LINE, price_fen: 398, amount_fen: 796, notes: ["缺 1，已退 ¥3.98"], tap: OPEN("claim", "售后") }] },
  { kind: "buttons", text: "修改或取消", items: [{ label: "修改数量", tap: OPEN("edit") }, { label: "取消订单", style: "danger", tap: { do: "call", text: "取消订单", method: "POST", path: "/orders/o1/cancel", ask: "确定取消？已付的钱会原路退回。", done: [{ do: "refresh", text: "刷新" }] } }] },
]);

export const pickup = page("pickup", "取货", [
  { kind: "pickup_code", text: "取货码 042917", code: "042917", digits: "042 917", qr: QR, for: "东湖自提点 · 明天 16:00–21:00", items: [LINE, { ...LINE, name: "农家散养鸡蛋", spec: "10枚/盒", unit: "盒", quantity: 1, picture: { src: "/static/goods/egg.webp", alt: "", width: 56, height: 56 } }], proxy: OPEN("proxy", "请别人代取") },
], { tabs: TABS, tab: "pickup" });

export const claim = page("claim", "申请售后", [
  { kind: "form", text: "申请售后", fields: [
    { name: "cause", label: "什么问题？", type: "choice", required: true, value: "quality", choices: [{ value: "quality", label: "质量问题" }, { value: "short", label: "少货" }, { value: "wrong", label: "发错货" }] },
    { name: "quantity", label: "几件？", type: "number", value: 1, min: 1, max: 2 },
    { name: "photo_key", label: "照片", type: "photo", send: "/me/claims/photos" },
    { name: "note", label: "说明", type: "textarea", max: 500, help: "写不写都可以。" },
    { name: "lines.0.consent", label: "我同意把照片交给供应商核对。", type: "consent", value: "2026-11", required: true },
  ], submit: { do: "call", text: "提交", method: "POST", path: "/me/claims", body: { order: "o1" }, done: [{ do: "back", text: "返回" }] } },
]);

export const signIn = page("sign_in", "登录", [
  { kind: "form", text: "登录", fields: [
    { name: "phone", label: "手机号", type: "phone", required: true },
    { name: "code", label: "验证码", type: "code", required: true, max: 6, send: "/sign-in/codes" },
    { name: "role", label: "身份", type: "choice", value: "member", choices: [{ value: "member", label: "我是邻居" }, { value: "leader", label: "我是团长" }] },
    { name: "consent_version", label: "我同意：手机号只用于登录、取货和售后通知。", type: "consent", value: "2026-11", required: true, more: OPEN("privacy", "隐私说明") },
  ], submit: { do: "enter", text: "登录", path: "/sign-in", body: { province_id: 42 } } },
]);

export const me = page("me", "我的", [
  { kind: "list", text: "我的", rows: [{ title: "李雷", note: "138****8000" }, { title: "我的自提点", value: "东湖自提点", tap: OPEN("points") }, { title: "售后", badge: "1", tone: "warn", tap: OPEN("claims") }, { title: "隐私", note: "同意、导出、注销", tap: OPEN("privacy") }] },
  { kind: "heading", text: "字号", title: "字号" },
  { kind: "text_size", text: "字号", choices: [{ value: "normal", label: "标准" }, { value: "large", label: "大字" }] },
  { kind: "language_switch", text: "语言", current: "zh-hans", choices: [{ value: "zh-hans", label: "中文" }, { value: "en", label: "English" }] },
  { kind: "buttons", text: "退出", items: [{ label: "退出登录", tap: { do: "sign_out", text: "退出登录", ask: "确定退出？" } }] },
], { tabs: TABS, tab: "me" });

export const points = page("points", "您在哪里取货？", [
  { kind: "point_picker", text: "自提点", asks_place: true, points: Array.from({ length: 7 }, (_, at) => ({ id: `p${at}`, name: ["东湖自提点", "光谷自提点", "汉阳自提点"][at % 3]! + at, address: "珞珈路 1 号", metres: 300 + at * 480, open: at !== 2, why: at === 2 ? "休息中" : "", tap: { do: "several" as const, text: "选这里", actions: [{ do: "choose_point" as const, text: "选这里", point: `p${at}`, name: "东湖自提点" }, { do: "navigate" as const, text: "去货架", page: "shelf" }] } })) },
]);

export const handout = page("handout", "发货", [
  { kind: "handout", text: "发货", source: "/leader/pickups?sale_on=2026-11-22", collect: "/leader/pickups/collect", day: "11月22日的货", sale_on: "2026-11-22" },
]);

export const receive = page("receive", "收货", [
  { kind: "receive", text: "要签收一车货", drops: [{ id: "d1", title: "2 种，共 14 件", state: "delivered", state_text: "已送达，待签收", lines: [{ ...LINE, code: "VEG-1", quantity: 12 }, { ...LINE, name: "鸡蛋", code: "EGG-1", quantity: 2 }], sign: { do: "call", text: "签收 14 件", method: "POST", path: "/leader/drops/d1/sign", done: [{ do: "refresh", text: "刷新" }] }, photo: "/leader/drops/d1/photos" }] },
]);

export const others = page("others", "其余各种", [
  { kind: "plain", text: "一句话。" },
  { kind: "metric_row", text: "今晚", items: [{ label: "已付订单", value: "38" }, { label: "成交额", value: "¥1,284.60", note: "比昨天多 6 单" }] },
  { kind: "coupon", text: "5 元券", title: "新人券", amount_fen: 500, until: "2026-12-01T00:00:00Z", state: "open", tap: OPEN("shelf", "去用") },
  { kind: "rich_text", text: "说明", blocks: [{ type: "h", text: "怎么取货" }, { type: "p", text: "报取货码即可。" }, { type: "li", text: "可以请人代取" }] },
  { kind: "image", text: "图", picture: { src: "/static/goods/cake.webp", alt: "蛋糕", width: 160, height: 160 } },
  { kind: "video", text: "视频", src: "/v.mp4", poster: { src: "/static/goods/cake.webp", alt: "", width: 160, height: 160 }, seconds: 10 },
  { kind: "group_board", text: "差 1 人成团", have: 2, need: 3, until: "2099-01-01T00:00:00Z", names: ["王**", "李**"], join: { do: "join", text: "参团", path: "/plays/1/join" } },
  { kind: "progress", text: "进度", value: 3, of: 10, label: "接龙" },
  { kind: "share_panel", text: "今晚发什么", forms: [{ form: "text", title: "纯文字", content: "今晚脐橙 12.80\n23:00 截单", tap: { do: "copy", text: "复制", content: "今晚脐橙 12.80" } }] },
  { kind: "poster", text: "海报", title: "今晚的脐橙", lines: ["¥12.80 一袋", "23:00 截单"], picture: { src: "/static/goods/orange.webp", alt: "", width: 160, height: 160 }, qr: QR },
  { kind: "facts", text: "事实", rows: [{ label: "待结佣金", value: "¥86.20" }] },
  { kind: "divider", text: "——" },
  { kind: "steps", text: "三步", items: [{ title: "下单", note: "23:00 前" }, { title: "取货" }] },
  { kind: "pick_list", text: "拣货单", by: "person", groups: [{ title: "王**", note: "138****8000", rows: [{ label: "上海青 300g", quantity: 2, unit: "袋" }, { label: "鸡蛋", quantity: 1, done: true }] }] },
  { kind: "tabs", text: "两页", items: [{ id: "a", title: "第一", body: [{ kind: "plain", text: "甲" }] }, { id: "b", title: "第二", body: [{ kind: "section", text: "乙", title: "里面", children: [{ kind: "plain", text: "乙乙" }] }] }] },
  { kind: "offer_card", text: "上海青", offer: offer(0) },
  { kind: "offer_list", text: "两样", offers: [offer(1), offer(2)] },
  { kind: "empty", text: "空", title: "还没有订单", lines: ["今晚下单，明天取货。"], icon: "receipt", to: OPEN("shelf", "去货架") },
  { kind: "error", text: "错", title: "没有打开", retry: { do: "refresh", text: "再试一次" } },
]);

export const PAGES: Record<string, Full> = Object.fromEntries([shelf, product, basket, orders, order, pickup, claim, signIn, me, points, handout, receive, others].map((one) => [one.name, one]));
