// The day at the door: who collects what, as last read, and what was handed out meanwhile.
import { computed, ref, shallowRef } from "vue";
import type { Goods } from "../schema";
import { get, Refused } from "../shell/api";
import { kept } from "../shell/kept";
import { find, forget, put, queue, takeBack, type Deed } from "../shell/queue";
import { settings } from "../shell/settings";
import { t } from "../shell/words";

export interface Pickup {
  id: string;
  name: string;
  phone: string;
  state: string;
  units: number;
  /** A household basket: what is collected together. */
  basket: string | null;
  /** Tells, without a network, whose goods a code is likely for, and no code. */
  checks: number[];
  goods: Goods[];
}

export interface Given {
  key: string;
  code: string;
}

interface SentGoods {
  name: string;
  name_en?: string;
  spec?: string;
  spec_en?: string;
  unit?: string;
  unit_en?: string;
  picture?: string | null;
  quantity: number;
}

type SentPickup = Omit<Pickup, "goods" | "checks"> & { checks?: number[]; goods: SentGoods[] };

const SIDE = 56;

export class Day {
  readonly pickups = ref<Pickup[]>([]);
  /** Whether the day's list was ever read; until then nobody can say how many are to come. */
  readonly isKnown = ref(false);
  /** Why it could not be read the last time. */
  readonly wrong = shallowRef<Refused | null>(null);
  readonly left = computed(() => this.pickups.value.filter((one) => !this.isGiven(one)).length);
  readonly waiting = computed(() => this.deeds().filter((deed) => deed.state === "waiting").length);
  readonly conflicts = computed(() =>
    this.deeds().filter((deed) => deed.state === "refused").map((deed) => ({
      key: deed.key,
      code: codeOf(deed.body),
      whom: listed(this.pickupsOf(deed).map((one) => one.name)),
      why: deed.why,
    })));

  private readonly given = computed(() => new Set(this.deeds().filter((deed) => deed.state !== "refused").flatMap((deed) => this.pickupsOf(deed).map((one) => one.id))));

  constructor(
    private readonly source: string,
    private readonly collect: string,
    private readonly saleOn: string,
    private readonly grace: number,
  ) {
    const before = kept.read<Pickup[] | null>(this.place, null);
    this.isKnown.value = before !== null;
    this.pickups.value = before ?? [];
  }

  /** What the server knows now; without a network, what it knew. */
  async read(): Promise<void> {
    try {
      const found = await get<{ pickups?: SentPickup[] } | null>(this.source);
      // A network with a door of its own answers everything with its own page.
      if (!found?.pickups) throw new Refused(t("名单没有读到。", "The list could not be read."), 502);
      this.pickups.value = found.pickups.map(asPickup);
    } catch (wrong) {
      if (!(wrong instanceof Refused)) throw wrong;
      this.wrong.value = wrong;
      return;
    }
    this.isKnown.value = true;
    this.wrong.value = null;
    kept.write(this.place, this.pickups.value);
  }

  /** Hand out for a code: told to the server once it can no longer be undone. What is wrong with it is thrown. */
  async hand(code: string): Promise<Given> {
    if (this.deeds().some((deed) => codeOf(deed.body) === code && deed.state !== "refused")) throw new Refused(already(code), 409);
    const found = this.fitting(code);
    if (found.some((one) => this.isGiven(one))) throw new Refused(already(code), 409);
    const deed = await put(this.about, this.collect, { code }, found.length ? this.grace * 1000 : 0);
    if (deed.state === "refused") {
      forget(deed.key);
      throw new Refused(deed.why, 409);
    }
    if (deed.state === "done") void this.read();
    return { key: deed.key, code };
  }

  /** Whose goods these are; nobody while only the server can tell. */
  whom(given: Given): Pickup[] {
    const deed = find(given.key);
    return deed ? this.pickupsOf(deed) : [];
  }

  /** Whether the server has not heard of it yet. */
  isWaiting = (given: Given): boolean => find(given.key)?.state === "waiting";

  /** Why the server could not take it yet; nothing while it was not asked or not reached. */
  why = (given: Given): string => find(given.key)?.why ?? "";

  takeBack(given: Given): boolean {
    return takeBack(given.key);
  }

  forget(key: string): void {
    forget(key);
  }

  seek(words: string): Pickup[] {
    const sought = words.trim().toLowerCase();
    const marked = this.pickups.value.map((one) => (this.isGiven(one) ? { ...one, state: "collected" } : one));
    return marked.filter((one) => !sought || `${one.name} ${one.phone}`.toLowerCase().includes(sought)).sort((one, other) => rank(one) - rank(other));
  }

  private get place(): string {
    return `handout.${this.saleOn}`;
  }

  private get about(): string {
    return `handout ${this.saleOn}`;
  }

  private deeds(): Deed[] {
    return queue.deeds.filter((deed) => deed.about === this.about);
  }

  private isGiven(pickup: Pickup): boolean {
    return pickup.state !== "waiting" || this.given.value.has(pickup.id);
  }

  /** Whose goods a deed hands out: as the server answered, else as the code says. */
  private pickupsOf(deed: Deed): Pickup[] {
    const id = (deed.answer as { id?: string } | null)?.id;
    const one = id && this.pickups.value.find((pickup) => pickup.id === id);
    return one ? this.pickups.value.filter((pickup) => pickup === one || (one.basket !== null && pickup.basket === one.basket)) : this.fitting(codeOf(deed.body));
  }

  /** Whom a code is for; nobody where more than one party may be meant. */
  private fitting(code: string): Pickup[] {
    const found = this.pickups.value.filter((pickup) => pickup.checks.includes(check(pickup.id, code)));
    const parties = new Set(found.map((pickup) => pickup.basket ?? pickup.id));
    return parties.size === 1 ? found : [];
  }
}

/** The lowest twelve bits of the 32-bit FNV-1a of `id:code`. */
export function check(id: string, code: string): number {
  let hash = 0x811c9dc5;
  for (const letter of `${id}:${code}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return hash & 0xfff;
}

/** Names one after the other, as the language has it. */
export const listed = (names: string[]): string => names.join(t("、", ", "));

const already = (code: string): string => t(`取货码 ${code} 已经交过货了。`, `Code ${code} was handed out already.`);
const codeOf = (body: unknown): string => (body as { code?: string } | undefined)?.code ?? "";
const rank = (pickup: Pickup): number => (pickup.state === "waiting" ? 0 : 1);

function asPickup({ id, name, phone, state, units, basket, checks, goods }: SentPickup): Pickup {
  return { id, name, phone, state, units, basket: basket ?? null, checks: checks ?? [], goods: goods.map(asGoods) };
}

function asGoods({ name, name_en, spec, spec_en, unit, unit_en, picture, quantity }: SentGoods): Goods {
  const spoken = (zh: string | undefined, en: string | undefined): string => (settings.language === "en" && en) || (zh ?? "");
  const src = picture ? (picture.startsWith("/") ? picture : `/static/${picture}`) : "";
  return {
    name: spoken(name, name_en),
    spec: spoken(spec, spec_en),
    unit: spoken(unit, unit_en),
    quantity,
    picture: src ? { src, alt: "", width: SIDE, height: SIDE } : null,
  };
}
