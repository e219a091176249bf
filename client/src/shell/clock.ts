// The server's clock: the only one that decides over the cut-off. In a rehearsal it may run faster than the wall's.
import { onUnmounted, ref, type Ref } from "vue";
import { get } from "./api";

const SYNCED_FOR = 60_000;

let base = Date.now();
let read = Date.now();
let rate = 1;
let synced = 0;
let isTold = false;

export const now = (): number => base + (Date.now() - read) * rate;

/** A guess, from a page that was just made or read some time ago, until the clock itself has answered. */
export function guess(moment: string, ago = 0): void {
  if (isTold || !Number.isFinite(Date.parse(moment))) return;
  set(moment, 1);
  read -= ago;
}

export function set(moment: string, speed: number): void {
  [base, read, rate] = [Date.parse(moment), Date.now(), speed];
}

export async function sync(): Promise<void> {
  if (Date.now() - synced < (rate === 1 ? SYNCED_FOR : SYNCED_FOR / 6)) return;
  synced = Date.now();
  const told = await get<{ now: string; rate: number }>("/clock").catch(() => null);
  if (!told) return;
  isTold = true;
  set(told.now, told.rate);
}

/** What is left until a moment, told every second while the screen lives; `over` runs once when nothing is. */
export function useLeft(until: () => string, over: () => void): Ref<number> {
  const left = ref(Math.max(0, Date.parse(until()) - now()));
  let told = left.value === 0;
  const beat = setInterval(() => {
    left.value = Math.max(0, Date.parse(until()) - now());
    if (left.value > 0) told = false;
    else if (!told) {
      told = true;
      over();
    }
    void sync();
  }, 1000);
  onUnmounted(() => clearInterval(beat));
  return left;
}
