// The rest of a list of offers, from the shelf that the server keeps ready for everybody at a point.
import type { Offer, Source } from "../schema";
import { get } from "./api";
import { agreeWithShelf, type Line } from "./basket";
import { tell } from "./notices";
import { place } from "./place";
import { t, yuan } from "./words";

interface ShelfOffer {
  id: string;
  name: string;
  spec: string;
  unit: string;
  category_code: string;
  picture: string;
  price_fen: number;
  list_price_fen: number | null;
  price_per_500g_fen: number | null;
  per_order_limit: number | null;
  per_life_limit?: number | null;
  discount?: { price_bps: number | null; cut_fen: number | null } | null;
  left: number;
}

const FEW = 20;
const SIDE = 160;
const NO_PICTURE = "/static/goods/basket.webp";

/** The offers on the page as they are now, and all others after them. */
export async function wholeList(shown: Offer[], source: Source): Promise<Offer[]> {
  const { offers, sale_on } = await get<{ offers: ShelfOffer[]; sale_on: string }>(source.path);
  const point = /\/points\/([^/]+)\/shelf/.exec(source.path)?.[1] ?? "";
  const all = offers.map((offer) => asOffer(offer, source.page || "product", point));
  const now = new Map(all.map((offer) => [offer.id, offer]));
  // The basket is of the point that this device has chosen, which need not be the one looked at.
  if (!place.here || place.here.id === point) tellGone(agreeWithShelf(sale_on ?? "", all), [...shown, ...all]);
  const standing = new Set(shown.map((offer) => offer.id));
  const refreshed = shown.map((offer) => {
    const found = now.get(offer.id);
    return found ? { ...offer, ...termsOf(found) } : { ...offer, sold_out: true };
  });
  return [...refreshed, ...all.filter((offer) => !standing.has(offer.id))];
}

const termsOf = ({ price_fen, list_fen, per_unit, left, limit, sold_out, notes }: Offer): Partial<Offer> => ({ price_fen, list_fen, per_unit, left, limit, sold_out, notes });

function tellGone(gone: Line[], offers: Offer[]): void {
  if (!gone.length) return;
  const names = [...new Set(offers.filter((offer) => gone.some((line) => line.offer === offer.id)).map((offer) => offer.name))];
  const more = gone.length - names.length;
  const zh = names.join("、") + (more ? `${names.length ? "等 " : ""}${gone.length} 样` : "");
  const en = [...names, ...(more ? [`${more} ${names.length ? "more" : "in your basket"}`] : [])].join(", ");
  tell(t(`${zh}已售完或不在今晚的货架上，已移出购物篮。`, `No longer to be had, and taken out of the basket: ${en}.`), "info");
}

export function asOffer(offer: ShelfOffer, page: string, point: string): Offer {
  return {
    id: offer.id,
    name: offer.name,
    spec: offer.spec,
    unit: offer.unit,
    category: offer.category_code,
    price_fen: offer.price_fen,
    list_fen: offer.list_price_fen,
    per_unit: offer.price_per_500g_fen === null ? "" : `${yuan(offer.price_per_500g_fen)}/500g`,
    picture: { src: offer.picture || NO_PICTURE, alt: "", width: SIDE, height: SIDE },
    left: offer.left > 0 && offer.left <= FEW ? offer.left : null,
    limit: offer.per_order_limit === null ? offer.left : Math.min(offer.per_order_limit, offer.left),
    sold_out: offer.left < 1,
    notes: notesOf(offer),
    tap: { do: "navigate", text: offer.name, page, with: { offer: offer.id, ...(point && { point }) } },
  };
}

function notesOf({ discount, per_life_limit: most }: ShelfOffer): string[] {
  const limit = most ? [t(`每人累计限购 ${most} 份`, `at most ${most} per person, ever`)] : [];
  return discount ? [discounted(discount.price_bps, discount.cut_fen ?? 0), ...limit] : limit;
}

/** 8500 of 10,000 is 8.5折, 15% off. */
function discounted(bps: number | null, cutFen: number): string {
  if (bps === null) return t(`直降 ${yuan(cutFen)}`, `${yuan(cutFen)} off`);
  return t(`${Math.floor(bps / 10) / 100}折`, `${Math.floor((10_000 - bps) / 100)}% off`);
}
