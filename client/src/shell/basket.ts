// The basket on this device: of one pickup point and one sale day. It becomes an order's lines; the order decides.
import { computed, reactive } from "vue";
import { kept } from "./kept";

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
  if (quantity > 0) basket.lines[offer] = { quantity, price_fen };
  else delete basket.lines[offer];
  keep();
}

export function emptyBasket(): void {
  Object.assign(basket, fresh());
  keep();
}

/** What a shelf says: goods of another day, or that are gone, leave the basket; prices become tonight's. */
export function agreeWithShelf(sale_on: string, offers: { id: string; price_fen: number; sold_out?: boolean }[]): void {
  const known = new Map(offers.filter((offer) => !offer.sold_out).map((offer) => [offer.id, offer]));
  for (const line of lines.value) {
    const offer = known.get(line.offer);
    if (!offer) setQuantity(line.offer, 0, 0);
    else if (offer.price_fen !== line.price_fen) setQuantity(line.offer, line.quantity, offer.price_fen);
  }
  basket.sale_on = sale_on;
  keep();
}

const keep = (): void => kept.write("basket", basket);
