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

export function keepSession(next: Session): void {
  session.now = next;
  kept.write("session", next);
}

export function dropSession(): void {
  session.now = null;
  kept.drop("session");
}
