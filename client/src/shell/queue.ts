// Deeds that wait for the network: kept on the device, sent in order, each under its own key, until the server has heard.
import { reactive } from "vue";
import { ask, newKey, Refused } from "./api";
import { kept } from "./kept";

export interface Deed {
  key: string;
  /** What the screen that made it knows it by. */
  about: string;
  path: string;
  body: unknown;
  at: number;
  /** When it is sent; until then it can be taken back for certain. */
  due: number;
  state: "waiting" | "done" | "refused";
  /** Why the server refused. */
  why: string;
  answer: unknown;
}

const KEPT_FOR = 36 * 3600_000;
const AGAIN = 10_000;

export const queue = reactive({
  deeds: kept.read<Deed[]>("queue", []).filter((deed) => Date.now() - deed.at < KEPT_FOR),
  offline: false,
});

let syncing: Promise<void> | null = null;
let waking: { when: number; timer: ReturnType<typeof setTimeout> } | null = null;
const sending = new Set<string>();

/** Do it after a moment in which it can be taken back; without a network it waits longer. */
export async function put(about: string, path: string, body: unknown, after = 0): Promise<Deed> {
  const key = newKey();
  const at = Date.now();
  queue.deeds.push({ key, about, path, body, at, due: at + after, state: "waiting", why: "", answer: null });
  keep();
  if (after) wake(after);
  else {
    // A round on its way may have passed the end already.
    await sync();
    if (find(key)?.state === "waiting" && !queue.offline) await sync();
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

export const find = (key: string): Deed | undefined => queue.deeds.find((deed) => deed.key === key);
export const waiting = (): Deed[] => queue.deeds.filter((deed) => deed.state === "waiting");

export function sync(): Promise<void> {
  syncing ??= sendAll().finally(() => (syncing = null));
  return syncing;
}

async function sendAll(): Promise<void> {
  for (const deed of waiting()) {
    if (deed.due > Date.now()) continue;
    // It may have been taken back while another was on its way.
    if (find(deed.key) && !(await heard(deed))) break;
  }
  const next = Math.min(...waiting().map((deed) => deed.due));
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
    deed.state = "done";
    queue.offline = false;
    return true;
  } catch (wrong) {
    if (!(wrong instanceof Refused)) throw wrong;
    queue.offline = wrong.isOffline;
    if (wrong.isOffline || wrong.status === 401 || wrong.status === 429 || wrong.status >= 500) return false;
    Object.assign(deed, { state: "refused", why: wrong.message });
    return true;
  } finally {
    sending.delete(deed.key);
    keep();
  }
}

const keep = (): void => kept.write("queue", queue.deeds);

/** The network came back, or the client is seen again. */
export function watch(): void {
  uni.onNetworkStatusChange(({ isConnected }) => {
    queue.offline = !isConnected;
    if (isConnected) void sync();
  });
  void sync();
}
