// What the shell says at the top of the screen, and what it asks before it does something.
import { reactive } from "vue";
import { Refused } from "./api";
import { t } from "./words";

export type Tone = "good" | "info" | "bad";

export const notice = reactive({ text: "", tone: "info" as Tone });
export const question = reactive({ text: "", yes: "", answer: null as null | ((yes: boolean) => void) });

let fading: ReturnType<typeof setTimeout> | undefined;

export function tell(text: string, tone: Tone = "good"): void {
  Object.assign(notice, { text, tone });
  clearTimeout(fading);
  fading = setTimeout(() => (notice.text = ""), tone === "bad" ? 7000 : 3500);
}

export function hush(): void {
  clearTimeout(fading);
  notice.text = "";
}

export function tellWrong(wrong: unknown): void {
  tell(wrong instanceof Error && wrong.message ? wrong.message : t("没有成功，请再试一次。", "That did not work; please try again."), "bad");
  if (!(wrong instanceof Refused)) console.error(wrong);
}

export function sure(text: string, yes = ""): Promise<boolean> {
  question.answer?.(false);
  return new Promise((resolve) => Object.assign(question, { text, yes, answer: resolve }));
}

export function answer(yes: boolean): void {
  const waiting = question.answer;
  Object.assign(question, { text: "", answer: null });
  waiting?.(yes);
}
