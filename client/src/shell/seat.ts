// The round of a play that a link named: what is ordered next from this device takes a seat in it.
import { reactive } from "vue";
import { kept } from "./kept";

interface Seat {
  run: string;
  at: number;
}

/** Rounds are of an evening. */
const LIFE = 24 * 3_600_000;

const seat = reactive<{ now: Seat | null }>({ now: kept.read<Seat | null>("seat", null) });

/** The run as it was named; empty where none was, or long ago. */
export const run = (): string => (seat.now && Date.now() - seat.now.at < LIFE ? seat.now.run : "");

export function keepSeat(named: string): void {
  seat.now = { run: named, at: Date.now() };
  kept.write("seat", seat.now);
}

export function leaveSeat(): void {
  seat.now = null;
  kept.drop("seat");
}
