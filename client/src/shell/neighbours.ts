// What a leader's device knows of the neighbours: the lists of its days, and what was handed out and not sent.
import { kept } from "./kept";
import { sure } from "./notices";
import { forget, forgetAll, isOverdue, queue, type Deed } from "./queue";
import { t } from "./words";

const LISTS = "handout.";
const KEPT_FOR = 3 * 86_400_000;

/** When the client starts: old lists go, and what was never sent is told until it was read. */
export function start(): void {
  forgetLists((day) => Date.now() - Date.parse(day) > KEPT_FOR);
  const lost = queue.deeds.filter((deed) => deed.state === "refused" && isOverdue(deed));
  if (lost.length) void sure(inWords(lost), t("知道了", "Understood")).then((isRead) => isRead && lost.forEach(({ key }) => forget(key)));
}

/** Whoever had the device has signed out. */
export function forgetNeighbours(): void {
  forgetLists();
  forgetAll();
}

/** Whether the one who signs in is another than the last one; then the lists are none of their business. */
export function isSomebodyElse(id: string): boolean {
  const last = kept.read("caller", id);
  kept.write("caller", id);
  if (last !== id) forgetLists();
  return last !== id;
}

function forgetLists(goes: (day: string) => boolean = () => true): void {
  for (const name of kept.names(LISTS)) if (goes(name.slice(LISTS.length))) kept.drop(name);
}

function inWords(lost: Deed[]): string {
  const codes = lost.map(({ body, why }) => `${(body as { code?: string } | null)?.code ?? ""} ${why}`.trim());
  return [t(`${lost.length} 笔交货没有记上，请向平台核对：`, `${lost.length} hand-outs were not recorded; settle them with the office:`), ...codes].join("\n");
}
