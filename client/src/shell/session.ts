// Who is signed in on this device.
import { reactive } from "vue";
import { kept } from "./kept";

export interface Session {
  access: string;
  refresh: string;
  expires_at: string;
  caller: { kind: string; id: string; name: string };
}

export const session = reactive<{ now: Session | null }>({ now: kept.read<Session | null>("session", null) });

export const role = (): string => session.now?.caller.kind ?? "nobody";

let mark = kept.read("device", "");

/** What this client calls itself: made up once, kept, and nothing of the device it runs on. */
export function device(): string {
  if (!mark) {
    mark = Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join("");
    kept.write("device", mark);
  }
  return mark;
}

export function keepSession(next: Session): void {
  session.now = next;
  kept.write("session", next);
}

export function dropSession(): void {
  session.now = null;
  kept.drop("session");
}
