// Idempotency keys. The same content sent again, because the answer was lost or the client was killed, is the same wish.
import { newKey } from "./api";
import { kept } from "./kept";

interface Known {
  content: string;
  key: string;
  at: number;
}

/** Longer than anybody waits for an answer, shorter than it takes to want the same once more. */
const LIFE = 600_000;
const MOST = 8;

let known = kept.read<Known[]>("keys", []);

export function keyOf(content: string): string {
  const young = known.filter((one) => Date.now() - one.at < LIFE);
  const found = young.find((one) => one.content === content) ?? { content, key: newKey(), at: Date.now() };
  keep([found, ...young.filter((one) => one !== found)].slice(0, MOST));
  return found.key;
}

/** Its answer came: the same content would be another wish. */
export function answered(content: string): void {
  keep(known.filter((one) => one.content !== content));
}

function keep(next: Known[]): void {
  known = next;
  kept.write("keys", known);
}
