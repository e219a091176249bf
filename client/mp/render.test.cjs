// The built WeChat mini-program, rendered by WeChat's own template compiler: what vitest cannot see, such as a component
// that its parent does not name, or a tap that leads nowhere.
const path = require("node:path");
const simulate = require("miniprogram-simulate");

const BUILT = path.resolve(__dirname, "../dist/build/mp-weixin");
const plain = (text) => ({ kind: "plain", text });
const section = (title, ...children) => ({ kind: "section", text: title, title, children });

const PAGES = {
  nested: [
    section("外", section("里", section("最里", plain("到底了"), { kind: "wheel", text: "转盘在新版里" }))),
    { kind: "tabs", text: "两页", items: [{ id: "a", title: "甲页", body: [plain("甲的话")] }, { id: "b", title: "乙页", body: [section("乙", plain("乙的话"))] }] },
  ],
  shelf: [
    { kind: "offer_grid", text: "货", offers: [{ id: "o1", name: "上海青", spec: "300g", price_fen: 398, limit: 3, picture: { src: "/static/goods/broccoli.webp", width: 160, height: 160 } }] },
    { kind: "buttons", text: "去", items: [{ label: "去结算", style: "main", tap: { do: "navigate", text: "去结算", page: "basket", with: { point: "p1" } } }] },
  ],
  plays: [
    { kind: "play_board", text: "差 1 人成团", title: "三人团", terms: "三人成团", have: 2, need: 3, names: ["王**"], act: { do: "join", text: "参团", path: "/plays/runs/r1/join" } },
    { kind: "play_wheel", text: "转盘", title: "大转盘", terms: "每天一次", prizes: [{ name: "2 元券", odds: "9.5%" }], chances: 1, act: { do: "draw", text: "转一次", path: "/plays/runs/r1/draw", nonce: "nonce" } },
  ],
  handout: [{ kind: "handout", text: "发货", source: "/leader/pickups", collect: "/leader/pickups/collect", day: "11月22日的货", sale_on: "2026-11-22" }],
};

const page = (name) => ({ schema: 1, name, title: name, lang: "zh-hans", as_of: "2026-11-23T11:00:00Z", fresh_for: 30, body: PAGES[name], foot: name === "shelf" ? [{ kind: "basket_bar", text: "去结算", to: { do: "back", text: "结算" } }] : [] });
const settled = async () => { for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5)); };

let id;

beforeAll(() => {
  require(path.join(BUILT, "app.js"));
  id = simulate.load(path.join(BUILT, "pages/page/page"), { compiler: "official", rootPath: BUILT });
});

async function opened(name) {
  global.answer = ({ url }) => {
    const asked = url.match(/\/pages\/(\w+)/);
    if (asked) return { statusCode: 200, data: JSON.stringify(page(asked[1])) };
    if (url.endsWith("/join")) return { statusCode: 200, data: JSON.stringify({ text: "进团了" }) };
    return { statusCode: 200, data: JSON.stringify(url.endsWith("/leader/pickups") ? { pickups: [] } : { now: new Date().toISOString(), rate: 1 }) };
  };
  const screen = simulate.render(id);
  screen.attach(document.body);
  screen.instance.onLoad({ page: name });
  screen.instance.onShow?.();
  await settled();
  return screen;
}

const words = (screen) => screen.dom.textContent.replace(/\s+/g, " ");

/** Touch what says this. */
function tap(screen, text) {
  const saying = [...screen.dom.querySelectorAll("*")].filter((element) => element.textContent.trim() === text);
  return touch(screen, saying[saying.length - 1], text);
}

/** As a finger does: WeChat makes a tap of it. */
function touch(screen, element, name) {
  if (!element) throw new Error(`no ${name} in ${screen.dom.outerHTML}`);
  const at = { identifier: 0, pageX: 1, pageY: 1, clientX: 1, clientY: 1 };
  for (const [type, touches] of [["touchstart", [at]], ["touchend", []]]) {
    element.dispatchEvent(Object.assign(new CustomEvent(type, { bubbles: true }), { touches, changedTouches: [at] }));
  }
  return settled();
}

test("sections are drawn inside sections, and what is not known in words", async () => {
  const screen = await opened("nested");

  expect(words(screen)).toContain("到底了");
  expect(words(screen)).toContain("转盘在新版里");
});

test("a tap changes the tab, and its nested parts come", async () => {
  const screen = await opened("nested");
  expect(words(screen)).not.toContain("乙的话");

  await tap(screen, "乙页");

  expect(words(screen)).toContain("乙的话");
});

test("goods go into the basket by a tap", async () => {
  const screen = await opened("shelf");

  const more = () => screen.dom.querySelector(".tap--is-main.tap--round");
  await touch(screen, more(), "button for more");
  await touch(screen, more(), "button for more");

  expect(words(screen)).toContain("7.96");
});

test("an action of a page opens another page", async () => {
  const screen = await opened("shelf");

  await tap(screen, "去结算");

  expect(global.went.pop()).toBe("/pages/page/page?page=basket&point=p1");
});

test("the hand-out screen takes digits", async () => {
  const screen = await opened("handout");

  await tap(screen, "4");
  await tap(screen, "2");

  expect(words(screen)).toContain("42····");
});

test("plays are drawn, and a tap in one shows what came of it", async () => {
  const screen = await opened("plays");
  expect(words(screen)).toContain("2 / 3 人");
  expect(words(screen)).toContain("9.5%");
  expect(words(screen)).toContain("还有 1 次");

  await tap(screen, "参团");

  expect(words(screen)).toContain("进团了");
});
