// The screens that are open, and the ways between them. There is one page for all of them: what it shows is its address.
import type { Tab } from "../schema";
import { kept } from "./kept";
import type { Address } from "./pages";

/** What the runner may ask of the screen that it runs on. */
export interface ScreenHandle {
  address(): Address;
  /** While it shows signing in instead of what was asked for. */
  isSigningIn(): boolean;
  showInstead(address: Address): void;
  refresh(): Promise<void>;
  share(content: Shared): void;
}

export interface Shared {
  title: string;
  path: string;
  picture: string;
}

const PAGE = "/pages/page/page";
const DEEPEST = 9;

let open: ScreenHandle[] = [];
let tabs: Tab[] = kept.read<Tab[]>("tabs", []);

export function enter(screen: ScreenHandle): void {
  open = [...open.filter((one) => one !== screen), screen];
}

export function leave(screen: ScreenHandle): void {
  open = open.filter((one) => one !== screen);
}

export const current = (): ScreenHandle | undefined => open[open.length - 1];
export const depth = (): number => getCurrentPages().length;

export function knowTabs(next: Tab[]): void {
  if (!next.length || JSON.stringify(next) === JSON.stringify(tabs)) return;
  tabs = next;
  kept.write("tabs", next);
}

export function forgetTabs(): void {
  tabs = [];
  kept.drop("tabs");
}

export const knownTabs = (): Tab[] => tabs;

export function urlOf({ name, with: parameters }: Address): string {
  const pairs = Object.entries({ page: name, ...parameters }).filter(([, value]) => value !== "");
  return PAGE + (pairs.length ? `?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}` : "");
}

/** What a link to it looks like for people with a browser. */
export const linkOf = (address: Address): string => urlOf(address).replace(PAGE, "/");

export function addressOf(query: Record<string, string | undefined>): Address {
  const { page = "", ...rest } = query;
  const parameters = Object.entries(rest).flatMap(([key, value]) => (value === undefined ? [] : [[key, decoded(value)] as const]));
  return { name: page, with: Object.fromEntries(parameters) };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

export function go(address: Address, replace = false): Promise<void> {
  const url = urlOf(address);
  // A tab is where one starts anew; a browser keeps its way back all the same.
  // #ifndef H5
  if (tabs.some((tab) => tab.page === address.name)) return moved((done) => uni.reLaunch({ url, ...done }));
  // #endif
  if (replace || depth() >= DEEPEST) return moved((done) => uni.redirectTo({ url, ...done }));
  return moved((done) => uni.navigateTo({ url, ...done }));
}

export function start(address: Address): Promise<void> {
  return moved((done) => uni.reLaunch({ url: urlOf(address), ...done }));
}

export function back(): Promise<void> {
  if (depth() > 1) return moved((done) => uni.navigateBack({ delta: 1, ...done }));
  const first = tabs[0];
  return start(first ? { name: first.page, with: first.with ?? {} } : { name: "", with: {} });
}

const moved = (move: (done: { success: () => void; fail: (wrong: { errMsg: string }) => void }) => void): Promise<void> =>
  new Promise((resolve, reject) => move({ success: () => resolve(), fail: ({ errMsg }) => reject(new Error(errMsg)) }));
