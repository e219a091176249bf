// The rest of a list of offers, from the shelf that the server keeps ready for everybody at a point.
import type { Offer, Source } from "../schema";
import { get } from "./api";
import { agreeWithShelf } from "./basket";
import { yuan } from "./words";

interface ShelfOffer {
  id: string;
  name: string;
  spec: string;
  unit: string;
  category_code: string;
  origin: string;
  picture: string;
  price_fen: number;
  list_price_fen: number | null;
  price_per_500g_fen: number | null;
  per_order_limit: number | null;
  left: number;
}

const FEW = 20;
const SIDE = 160;
const NO_PICTURE = "/static/goods/basket.webp";

/** The offers on the page, with what is left of them now, and all others after them. */
export async function wholeList(shown: Offer[], source: Source): Promise<Offer[]> {
  const { offers, sale_on } = await get<{ offers: ShelfOffer[]; sale_on: string }>(source.path);
  const all = offers.map((offer) => asOffer(offer, source.page || "product"));
  agreeWithShelf(sale_on ?? "", all);
  const now = new Map(all.map((offer) => [offer.id, offer]));
  const standing = new Set(shown.map((offer) => offer.id));
  const refreshed = shown.map((offer) => {
    const found = now.get(offer.id);
    return found ? { ...offer, left: found.left, limit: found.limit, sold_out: found.sold_out } : { ...offer, sold_out: true };
  });
  return [...refreshed, ...all.filter((offer) => !standing.has(offer.id))];
}

export function asOffer(offer: ShelfOffer, page: string): Offer {
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
    notes: offer.origin ? [offer.origin] : [],
    tap: { do: "navigate", text: offer.name, page, with: { offer: offer.id } },
  };
}
