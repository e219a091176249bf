// The basket on this device: of one pickup point and one sale day. It becomes an order's lines; the order decides.
import { computed, reactive } from "vue";
import { kept } from "./kept";
import { changed } from "./keys";

export interface Units {
  quantity: number;
  price_fen: number;
}

export interface Line extends Units {
  offer: string;
}

interface Basket {
  lines: Record<string, Units>;
  sale_on: string;
}

const fresh = (): Basket => ({ lines: {}, sale_on: "" });

export const basket = reactive<Basket>({ ...fresh(), ...kept.read<Partial<Basket>>("basket", {}) });

export const lines = computed<Line[]>(() => Object.entries(basket.lines).map(([offer, units]) => ({ offer, ...units })));
export const total = computed(() => lines.value.reduce((fen, line) => fen + line.price_fen * line.quantity, 0));
export const pieces = computed(() => lines.value.reduce((count, line) => count + line.quantity, 0));

export const quantityOf = (offer: string): number => basket.lines[offer]?.quantity ?? 0;

export function setQuantity(offer: string, quantity: number, price_fen: number): void {
  if (quantityOf(offer) !== Math.max(0, quantity)) changed();
  put(offer, quantity, price_fen);
  keep();
}

export function emptyBasket(): void {
  changed();
  Object.assign(basket, fresh());
  keep();
}

/** What a shelf says: goods of another day, or that are gone, leave the basket and are returned; prices become tonight's. */
export function agreeWithShelf(sale_on: string, offers: { id: string; price_fen: number; sold_out?: boolean }[]): Line[] {
  const known = new Map(offers.filter((offer) => !offer.sold_out).map((offer) => [offer.id, offer]));
  const gone = lines.value.filter((line) => !known.has(line.offer));
  for (const line of lines.value) put(line.offer, known.has(line.offer) ? line.quantity : 0, known.get(line.offer)?.price_fen ?? 0);
  basket.sale_on = sale_on;
  keep();
  return gone;
}

function put(offer: string, quantity: number, price_fen: number): void {
  if (quantity > 0) basket.lines[offer] = { quantity, price_fen };
  else delete basket.lines[offer];
}

const keep = (): void => kept.write("basket", basket);
