// Idempotency keys. The same content sent again, because the answer was lost or the client was killed, is the same wish.
import { newKey } from "./api";
import { kept } from "./kept";

/** How long the same content is the same wish: for a while, until an answer came, or until the basket is another one. */
export type Until = "later" | "answered" | "changed";

interface Known {
  content: string;
  key: string;
  at: number;
  until?: Until;
}

/** Longer than anybody waits for an answer, shorter than it takes to want the same once more. */
const LIFE = 600_000;
const MOST = 8;

let known = kept.read<Known[]>("keys", []);

export function keyOf(content: string, until: Until = "later"): string {
  const alive = known.filter((one) => isLasting(one) || Date.now() - one.at < LIFE);
  const found = alive.find((one) => one.content === content) ?? { content, key: newKey(), at: Date.now(), until };
  const all = [found, ...alive.filter((one) => one !== found)];
  keep([...all.filter(isLasting).slice(0, MOST), ...all.filter((one) => !isLasting(one)).slice(0, MOST)]);
  return found.key;
}

/** Its answer came: the same content would be another wish. */
export function answered(content: string): void {
  keep(known.filter((one) => one.content !== content));
}

/** The reader changed the basket: what is ordered from it now is another wish. */
export function changed(): void {
  if (known.some((one) => one.until === "changed")) keep(known.filter((one) => one.until !== "changed"));
}

const isLasting = (one: Known): boolean => one.until === "answered" || one.until === "changed";

function keep(next: Known[]): void {
  known = next;
  kept.write("keys", known);
}
