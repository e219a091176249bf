// What a mini-program sends to a chat: the page it shows, or what was shared on it last.
import { pictureAddress } from "./api";
import type { Address } from "./pages";
import { place } from "./place";
import { urlOf, type Shared } from "./screens";

export interface Card {
  title: string;
  path: string;
  /** Left out, the platform takes a picture of the screen. */
  imageUrl?: string;
}

export function cardOf(shared: Shared | null, title: string, address: Address): Card {
  const path = shared?.path ? shared.path.replace(/^\//, "/pages/page/page") : urlOf(withPoint(address));
  return { title: shared?.title || title, path, ...(shared?.picture && { imageUrl: pictureAddress(shared.picture) }) };
}

/** Who follows it comes to the same point. */
export function withPoint({ name, with: parameters }: Address): Address {
  return { name, with: place.here ? { point: place.here.id, ...parameters } : parameters };
}
