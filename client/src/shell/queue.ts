// Deeds that wait for the network: kept on the device, sent in order, each under its own key, until the server has heard.
import { reactive } from "vue";
import { ask, newKey, Refused } from "./api";
import { kept } from "./kept";
import { session } from "./session";
import { t } from "./words";

export interface Deed {
  key: string;
  /** Who did it; as nobody else it is sent. */
  by?: string;
  /** What the screen that made it knows it by. */
  about: string;
  path: string;
  body: unknown;
  at: number;
  /** When it is sent; until then it can be taken back for certain. */
  due: number;
  state: "waiting" | "done" | "refused";
  /** Why the server refused it, or could not take it yet. */
  why: string;
  answer: unknown;
}

const KEPT_FOR = 36 * 3600_000;
const AGAIN = 10_000;

export const queue = reactive({
  deeds: kept.read<Deed[]>("queue", []).filter((deed) => !isOverdue(deed) || deed.state !== "done").map(known),
  offline: false,
  /** What waits is for somebody who has to sign in again. */
  signedOut: false,
});

/** What waited for too long did not happen, as far as anybody will know. */
function known(deed: Deed): Deed {
  if (deed.state !== "waiting" || !isOverdue(deed)) return deed;
  return { ...deed, state: "refused", why: t("超过 36 小时没有同步。", "It could not be sent for 36 hours.") };
}

export function isOverdue(deed: Deed): boolean {
  return Date.now() - deed.at >= KEPT_FOR;
}

let syncing: Promise<void> | null = null;
let waking: { when: number; timer: ReturnType<typeof setTimeout> } | null = null;
const sending = new Set<string>();
/** Made by somebody who stands there until the first answer. */
const watched = new Set<string>();

/** Do it after a moment in which it can be taken back; without a network it waits longer. */
export async function put(about: string, path: string, body: unknown, after = 0): Promise<Deed> {
  const key = newKey();
  const at = Date.now();
  queue.deeds.push({ key, by: session.now?.caller.id, about, path, body, at, due: at + after, state: "waiting", why: "", answer: null });
  keep();
  if (after) wake(after);
  else {
    watched.add(key);
    // A round on its way may have passed the end already.
    await sync();
    if (find(key)?.state === "waiting" && !queue.offline) await sync();
    watched.delete(key);
  }
  return find(key)!;
}

/** Take back what nobody has heard of yet; whether that was still possible. */
export function takeBack(key: string): boolean {
  if (find(key)?.state !== "waiting" || sending.has(key)) return false;
  forget(key);
  return true;
}

export function forget(key: string): void {
  queue.deeds = queue.deeds.filter((deed) => deed.key !== key);
  keep();
}

export function forgetAll(): void {
  queue.deeds = [];
  keep();
}

export const find = (key: string): Deed | undefined => queue.deeds.find((deed) => deed.key === key);
export const waiting = (): Deed[] => queue.deeds.filter((deed) => deed.state === "waiting");

export function sync(): Promise<void> {
  syncing ??= sendAll().finally(() => (syncing = null));
  return syncing;
}

/** Whether it may be sent as whoever is signed in now. */
const isOurs = ({ by }: Deed): boolean => !by || !session.now || session.now.caller.id === by;

async function sendAll(): Promise<void> {
  for (const deed of waiting().filter(isOurs)) {
    if (deed.due > Date.now()) continue;
    // It may have been taken back while another was on its way.
    if (find(deed.key) && !(await heard(deed))) break;
  }
  const next = Math.min(...waiting().filter(isOurs).map((deed) => deed.due));
  if (Number.isFinite(next)) wake(Math.max(next - Date.now(), queue.offline || next <= Date.now() ? AGAIN : 0));
}

/** One timer is enough: whatever it was set for, what is due then is sent. */
function wake(after: number): void {
  const when = Date.now() + after;
  if (waking && waking.when <= when) return;
  clearTimeout(waking?.timer);
  waking = { when, timer: setTimeout(() => { waking = null; void sync(); }, after) };
}

/** Whether the server has heard of it, whatever it said. */
async function heard(deed: Deed): Promise<boolean> {
  sending.add(deed.key);
  try {
    deed.answer = await ask({ method: "POST", path: deed.path, body: deed.body, key: deed.key });
    Object.assign(deed, { state: "done", why: "" });
    Object.assign(queue, { offline: false, signedOut: false });
    return true;
  } catch (wrong) {
    if (!(wrong instanceof Refused)) throw wrong;
    queue.offline = wrong.isOffline;
    queue.signedOut = wrong.status === 401;
    deed.why = wrong.isOffline ? "" : wrong.message;
    if (canWait(wrong, deed)) return false;
    deed.state = "refused";
    return true;
  } finally {
    sending.delete(deed.key);
    keep();
  }
}

/** Whether trying again may help; too many tries are an answer to who has just made one. */
const canWait = ({ isOffline, status }: Refused, { key }: Deed): boolean =>
  isOffline || status === 401 || status >= 500 || (status === 429 && !watched.has(key));

const keep = (): void => kept.write("queue", queue.deeds);

/** The network came back, or the client is seen again. */
export function watch(): void {
  uni.onNetworkStatusChange(({ isConnected }) => {
    queue.offline = !isConnected;
    if (isConnected) void sync();
  });
  void sync();
}
