// The few words that are the shell's own; all others come with the pages. Both languages stand beside each other.
import { settings } from "./settings";

export const t = (zh: string, en: string): string => (settings.language === "en" ? en : zh);

export function yuan(fen: number): string {
  const whole = Math.floor(Math.abs(fen) / 100);
  const rest = String(Math.abs(fen) % 100).padStart(2, "0");
  return `${fen < 0 ? "−" : ""}¥${whole}.${rest}`;
}

/** An amount in the parts that are set in different sizes. */
export function yuanParts(fen: number): { whole: string; rest: string } {
  const [whole = "", rest = ""] = yuan(fen).replace("¥", "").split(".");
  return { whole, rest: `.${rest}` };
}

const pad = (number: number): string => String(number).padStart(2, "0");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** In China's one zone; mini-programs have no reliable Intl. */
export function dayAndHour(moment: string): string {
  const there = new Date(Date.parse(moment) + 8 * 3600_000);
  return `${dayOf(there)} ${pad(there.getUTCHours())}:${pad(there.getUTCMinutes())}`;
}

export const day = (on: string): string => dayOf(new Date(`${on.slice(0, 10)}T00:00:00Z`));

const dayOf = (date: Date): string =>
  t(`${date.getUTCMonth() + 1}月${date.getUTCDate()}日`, `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`);

/** What is left, as 02:03:19; days apart, once there are two. */
export function hours(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const days = seconds >= 172_800 ? Math.floor(seconds / 86_400) : 0;
  const clock = [Math.floor(seconds / 3600) - days * 24, Math.floor(seconds / 60) % 60, seconds % 60].map(pad).join(":");
  return days ? `${t(`${days} 天`, `${days} d`)} ${clock}` : clock;
}
