// The one runner of actions: what a tap does is data, and this is what it means here.
import { ACTIONS, type Action, type Answer, type Call, type CheckIn, type Draw, type Enter, type Join, type OpenRun, type PlaceOrder, type PlayGame, type Share, type Vote } from "../schema";
import { ask, Refused, type Method } from "../shell/api";
import { emptyBasket, lines, quantityOf, setQuantity } from "../shell/basket";
import { withPoint } from "../shell/card";
import { answered, keyOf } from "../shell/keys";
import { sure, tell, tellWrong } from "../shell/notices";
import { forgetNeighbours, isSomebodyElse } from "../shell/neighbours";
import { forgetPages, stale } from "../shell/pages";
import { choosePoint, position } from "../shell/place";
import { waiting } from "../shell/queue";
import { back, current, forgetTabs, go, linkOf, start, type ScreenHandle } from "../shell/screens";
import { leaveSeat } from "../shell/seat";
import { device, dropSession, keepSession, session, type Session } from "../shell/session";
import { chooseLanguage, chooseSize, type Language, type Size } from "../shell/settings";
import { t } from "../shell/words";
import { copy, dial, openOutside, print, saveFile, savePicture, scan, share, sharePicture, subscribe } from "./deeds";
import { pay } from "./pay";
import { confirmTransfer } from "./transfer";

export interface Circumstances {
  /** What a form holds; merged into the body of a call under its names. */
  values?: Record<string, unknown>;
  /** What keeps the picture of the poster beside it. */
  savePoster?: () => Promise<void>;
  /** Takes what was scanned, where a form waits for it. */
  scanned?: (name: string, value: string) => void;
  /** What was answered, or the points of a game: the action says under which name it is sent. */
  value?: string | number;
  /** Shows what the server answered; what follows waits for it. */
  answered?: (answer: unknown) => Promise<void> | void;
}

type Deed = Join | Draw | OpenRun | CheckIn | Vote | Answer | PlayGame;

/** Do it, and tell what goes wrong; whether it was done. */
export async function run(action: Action, circumstances: Circumstances = {}): Promise<boolean> {
  try {
    return await perform(action, circumstances, current());
  } catch (wrong) {
    if (wrong instanceof Refused && wrong.status === 401) {
      dropSession();
      await signIn([action], circumstances);
    } else {
      tellWrong(wrong);
      // What the page said is no longer so: show how it is, with the reason above.
      if (wrong instanceof Refused && wrong.status === 409) void current()?.refresh();
    }
    return false;
  }
}

export const isKnown = (action: { do?: unknown }): boolean =>
  typeof action.do === "string" && Object.prototype.hasOwnProperty.call(ACTIONS, action.do);

async function perform(action: Action, given: Circumstances, screen: ScreenHandle | undefined): Promise<boolean> {
  switch (action.do) {
    case "navigate":
      return open(action.page, action.with ?? {}, action.replace ?? false, screen);
    case "back":
      return done(back());
    case "refresh":
      return done(screen?.refresh());
    case "open":
      return done(openOutside(action.url));
    case "call":
      return call(action, given);
    case "join":
    case "draw":
    case "open_run":
    case "check_in":
    case "vote":
    case "answer":
    case "play":
      return deed(action, given, screen);
    case "add":
      return add(action.offer, action.quantity ?? 1, action.price_fen);
    case "take_out":
      return done(setQuantity(action.offer, 0, 0));
    case "set_quantity":
      return done(setQuantity(action.offer, action.quantity, action.price_fen));
    case "empty_basket":
      return done(emptyBasket());
    case "order":
      return order(action, given);
    case "pay":
      return done(pay(action));
    case "confirm_transfer":
      return (await confirmTransfer(action)) && done(screen?.refresh());
    case "share":
      return done(shareIt(action, given, screen));
    case "subscribe":
      return done(subscribe(action.topics));
    case "copy":
      return done(copy(action.content));
    case "dial":
      return done(dial(action.number));
    case "scan":
      return scanned(action.name ?? "code", action.page ?? "", given);
    case "sign_in":
      return signIn(action.then ?? []);
    case "enter":
      return enter(action, given, screen);
    case "sign_out":
      return signOut(action.ask ?? "");
    case "choose_point":
      return done(choosePoint({ id: action.point, name: action.name ?? "" }));
    case "choose_language":
      return renewed(() => chooseLanguage(action.lang as Language), screen);
    case "choose_size":
      return done(chooseSize(action.size as Size));
    case "place":
      return locate(action.page, action.with ?? {});
    case "print":
      return done(print());
    case "save_picture":
      return done(action.src ? savePicture(action.src) : given.savePoster?.());
    case "save_file":
      return done(saveFile(action.path, action.name));
    case "tell":
      return done(tell(action.text, action.tone ?? "good"));
    case "several":
      return all(action.actions, given);
    default:
      return unknown(action);
  }
}

/** A later server's action: say what it would do. */
function unknown(action: { text: string }): boolean {
  tell(`${action.text}\n${t("需要更新版本才能使用。", "This needs a newer version.")}`, "info");
  return false;
}

async function done(work: Promise<unknown> | unknown): Promise<boolean> {
  await work;
  return true;
}

async function all(actions: Action[], given: Circumstances): Promise<boolean> {
  for (const one of actions) if (!(await perform(one, given, current()))) return false;
  return true;
}

async function open(name: string, parameters: Record<string, string>, replace: boolean, screen: ScreenHandle | undefined): Promise<boolean> {
  // Steps of signing in stay on the screen that asked for it.
  if (name === "sign_in" && screen?.isSigningIn()) return done(screen.showInstead({ name, with: parameters }));
  return done(go({ name, with: parameters }, replace));
}

async function add(offer: string, quantity: number, priceFen: number): Promise<boolean> {
  setQuantity(offer, quantityOf(offer) + quantity, priceFen);
  tell(t("已加入购物篮", "In your basket"));
  return true;
}

async function call(action: Call, given: Circumstances): Promise<boolean> {
  if (action.ask && !(await sure(action.ask, action.text))) return false;
  const method = action.method as Method;
  const body = method === "GET" ? undefined : merged(action.body ?? {}, given.values ?? {});
  const content = JSON.stringify([method, action.path, body]);
  const key = action.idempotent === false || method === "GET" ? undefined : keyOf(content);
  const answer = await ask({ method, path: action.path, body, key });
  answered(content);
  stale();
  await given.answered?.(answer);
  return follow(filled(action.done ?? [], answer));
}

/** The key that makes it the same wish is also what the client draws for itself: sent again, it is the same lot. */
async function deed(action: Deed, given: Circumstances, screen: ScreenHandle | undefined): Promise<boolean> {
  if (action.do === "open_run" && action.ask && !(await sure(action.ask, action.text))) return false;
  const body = merged(action.body ?? {}, { ...given.values, ...valueOf(action, given) });
  const content = JSON.stringify(["POST", action.path, body]);
  const key = keyOf(content);
  const drawn = action.do === "draw" && action.nonce ? merged(body, { [action.nonce]: key }) : body;
  const answer = await ask({ method: "POST", path: action.path, body: drawn, key });
  answered(content);
  stale();
  if (given.answered) await given.answered(answer);
  else tellAnswer(answer);
  if (action.done?.length) return follow(filled(action.done, answer));
  // Who went on meanwhile sees it when they come back.
  if (screen && current() === screen) await screen.refresh();
  return true;
}

function valueOf(action: Deed, { value }: Circumstances): Tree {
  if (value === undefined) return {};
  if (action.do === "answer") return { [action.name ?? "answer"]: value };
  return action.do === "play" ? { [action.name ?? "points"]: value } : {};
}

function tellAnswer(answer: unknown): void {
  const { text, tone } = (answer ?? {}) as { text?: unknown; tone?: unknown };
  if (typeof text === "string" && text) tell(text, tone === "bad" || tone === "info" ? tone : "good");
}

/** After a deed that is done: what fails from here on does not bring it up again. */
async function follow(actions: Action[]): Promise<boolean> {
  for (const one of actions) if (!(await run(one))) return false;
  return true;
}

async function order(action: PlaceOrder, given: Circumstances): Promise<boolean> {
  const own = !action.lines?.length && !action.basket;
  const wanted = own ? lines.value : action.lines ?? [];
  if (own && !wanted.length) throw new Error(t("购物篮是空的。", "The basket is empty."));
  const base = { point: action.point, lines: wanted, ...(action.basket && { basket: action.basket }), ...(action.together && { together: true }), ...(action.run && { run: action.run }) };
  const body = merged(base, given.values ?? {});
  const content = JSON.stringify(["POST", "/orders", body]);
  // Not part of what is wished for: where an answer was lost, its coupon is spent, and the same order saves another sum.
  const sent = action.saved_fen ? { ...body, saved_fen: action.saved_fen } : body;
  const answer = await ask({ method: "POST", path: "/orders", body: sent, key: keyOf(content, action.basket ? "answered" : "changed") });
  answered(content);
  if (own) emptyBasket();
  if (action.run) leaveSeat();
  stale();
  return follow(filled(action.done ?? [], answer));
}

async function shareIt(action: Share, given: Circumstances, screen: ScreenHandle | undefined): Promise<void> {
  const address = action.page ? { name: action.page, with: action.with ?? {} } : screen && withPoint(screen.address());
  const link = address ? linkOf(address) : "";
  screen?.share({ title: action.title, path: link, picture: action.picture ?? "" });
  if (action.form === "picture" && action.picture) return sharePicture(action.title, action.content, action.picture);
  if (action.form === "picture" && given.savePoster) return given.savePoster();
  let whole = "";
  // #ifdef H5
  whole = action.page ? location.origin + link : "";
  // #endif
  await share(action.form, action.title, action.content, whole);
}

async function scanned(name: string, page: string, given: Circumstances): Promise<boolean> {
  const value = await scan();
  if (!value) return false;
  if (page) return done(go({ name: page, with: { [name]: value } }));
  given.scanned?.(name, value);
  return true;
}

let afterwards: { actions: Action[]; given: Circumstances } | null = null;

/** What is done afterwards is done as it was asked for, with what the form held then. */
async function signIn(actions: Action[], given: Circumstances = {}): Promise<boolean> {
  afterwards = { actions, given };
  await go({ name: "sign_in", with: {} });
  return true;
}

/** Signed in: go on where it was asked for, be that a screen, an action, or nowhere. */
async function enter(action: Enter, given: Circumstances, screen: ScreenHandle | undefined): Promise<boolean> {
  const body = { ...merged(action.body ?? {}, given.values ?? {}), device: device() };
  const entered = await ask<Session>({ method: "POST", path: action.path, body });
  if (isSomebodyElse(entered.caller.id)) forgetPages();
  keepSession(entered);
  forgetTabs();
  stale();
  if (screen?.isSigningIn()) return done(screen.refresh());
  const wanted = afterwards;
  afterwards = null;
  if (wanted) {
    await back();
    if (wanted.actions.length) return all(wanted.actions, wanted.given);
    return done(current()?.refresh());
  }
  return all(action.then ?? [], {});
}

async function signOut(question: string): Promise<boolean> {
  const unsent = waiting().length;
  const loss = unsent ? t(`还有 ${unsent} 笔交货没有同步，退出后会丢失。`, `${unsent} hand-outs were not sent yet and would be lost.`) : "";
  const asked = [loss, question].filter(Boolean).join("\n");
  if (asked && !(await sure(asked, t("退出登录", "Sign out")))) return false;
  const refresh = session.now?.refresh;
  if (refresh) await ask({ method: "POST", path: "/sign-out", body: { refresh } }).catch(() => undefined);
  dropSession();
  forgetNeighbours();
  forgetPages();
  forgetTabs();
  return done(start({ name: "", with: {} }));
}

async function renewed(change: () => void, screen: ScreenHandle | undefined): Promise<boolean> {
  change();
  stale();
  return done(screen?.refresh());
}

async function locate(page: string, parameters: Record<string, string>): Promise<boolean> {
  const found = await position().catch(() => null);
  if (!found) throw new Error(t("无法获取位置，请从列表中选择。", "Your position is not available; choose from the list."));
  return done(go({ name: page, with: { ...parameters, ...found } }, true));
}

type Tree = Record<string, unknown>;

/** The body with the values under their names; dots in a name lead inwards. */
export function merged(body: Tree, values: Tree): Tree {
  const made = JSON.parse(JSON.stringify(body)) as Tree;
  for (const [name, value] of Object.entries(values)) {
    const path = name.split(".");
    const last = path.pop()!;
    let inner = made;
    path.forEach((part, at) => {
      const next = path[at + 1] ?? last;
      inner = (inner[part] ??= /^\d+$/.test(next) ? [] : {}) as Tree;
    });
    inner[last] = value;
  }
  return made;
}

/** Actions in which "$name" stands for the answer's member `name`. */
export function filled<T>(actions: T, answer: unknown): T {
  const members = (answer ?? {}) as Record<string, unknown>;
  return JSON.parse(JSON.stringify(actions), (_, value: unknown) =>
    typeof value === "string" && /^\$\w+$/.test(value) && value.slice(1) in members ? members[value.slice(1)] : value,
  ) as T;
}
