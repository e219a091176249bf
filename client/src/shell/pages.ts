// Pages as the server composes them: asked for, kept for a while, and shown again when the network is gone.
import type { Page } from "../schema";
import { ask, get, queryOf, Refused } from "./api";
import { lines } from "./basket";
import { kept } from "./kept";
import { place } from "./place";
import { run } from "./seat";
import { session } from "./session";
import { settings } from "./settings";

export interface Address {
  name: string;
  with: Record<string, string>;
}

/** Of these the server must know the basket on this device; it says so of others. */
const withBasket = new Set(["basket", "checkout"]);
const KEPT_PAGES = 12;

interface Known {
  at: string;
  read: number;
  page: Page;
}

let known: Known[] = kept.read<Known[]>("pages", []);

export const identify = ({ name, with: parameters }: Address): string =>
  [name, settings.language, session.now?.caller.id ?? "", queryOf({ ...ownOf(name), ...parameters }), withBasket.has(name) ? JSON.stringify(lines.value) : ""].join("|");

export async function load(address: Address): Promise<Page> {
  const page = await fetched(address);
  remember(address, page);
  return page;
}

/** What this client can do that older ones cannot: an order names what rewards save. */
const KNOWS = "savings";

/** What the device knows that a page may be asked with; only what is ordered takes a seat. */
const ownOf = (name: string): Record<string, string | undefined> => ({ point: place.here?.id, ...(withBasket.has(name) && { run: run() || undefined, knows: KNOWS }) });

async function fetched({ name, with: own }: Address): Promise<Page> {
  const parameters = { ...ownOf(name), ...own };
  if (!withBasket.has(name)) {
    const page = await get<Page>(`/pages/${name}${queryOf(parameters)}`);
    if (!page.basket) return page;
    withBasket.add(name);
  }
  const basket = lines.value.map(({ offer, quantity }) => ({ offer, quantity }));
  const given = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value));
  return ask<Page>({ method: "POST", path: `/pages/${name}`, body: { with: given, basket } });
}

/** The page as it was when it was last read, and whether it is still fresh. */
export function recall(address: Address): { page: Page; isFresh: boolean; read: number } | null {
  const found = known.find((one) => one.at === identify(address));
  return found ? { page: found.page, read: found.read, isFresh: Date.now() - found.read < found.page.fresh_for * 1000 } : null;
}

export function remember(address: Address, page: Page): void {
  if (page.sign_in) return;
  const at = identify(address);
  known = [{ at, read: Date.now(), page }, ...known.filter((one) => one.at !== at)].slice(0, KEPT_PAGES);
  kept.write("pages", known);
}

/** What was read may have changed: by a deed, by signing in or out. */
export function stale(): void {
  for (const one of known) one.read = 0;
}

export function forgetPages(): void {
  known = [];
  kept.drop("pages");
}

let first: Page | null | undefined;
/** What the document shows a guest, a member would be shown too. */
const sameForMembers = new Set(["shelf", "points", "product", "privacy_notice"]);

/** The page that came inside the document, once, if it is the one that is wanted here. */
export function firstPage(name: string): Page | null {
  // #ifdef H5
  if (first === undefined) first = written();
  const page = first;
  first = null;
  if (page && (!name || page.name === name) && page.lang === settings.language && !page.basket && isForReader(page)) return page;
  // #endif
  return null;
}

const isForReader = (page: Page): boolean => !session.now || (session.now.caller.kind === "member" && sameForMembers.has(page.name));

function written(): Page | null {
  const element = document.getElementById("first-page");
  if (!element?.textContent || (element.dataset.point ?? "") !== (place.here?.id ?? "")) return null;
  try {
    return JSON.parse(element.textContent) as Page;
  } catch {
    return null;
  }
}

export const isOffline = (wrong: unknown): boolean => wrong instanceof Refused && wrong.isOffline;
