// Where the keyboard is, in a browser: it moves to the title of a new page, and stays inside a question until it is answered.
import { answer, question } from "./notices";

let before: HTMLElement | null = null;

/** Into a question; with no place named, back to where it was. */
export function holdFocus(where: string): void {
  if (!where) return before?.focus({ preventScroll: true });
  before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  last(where)?.focus();
}

export const focusTitle = (): void => last(".head-title")?.focus({ preventScroll: true });

/** Escape says no; Tab goes round among the answers. */
export function keysOfQuestion(event: KeyboardEvent): void {
  if (!question.answer) return;
  if (event.key === "Escape") answer(false);
  if (event.key !== "Tab") return;
  const answers = [...document.querySelectorAll<HTMLElement>(".dialog .tap")];
  const at = answers.indexOf(document.activeElement as HTMLElement);
  event.preventDefault();
  answers[(at + (event.shiftKey ? answers.length - 1 : 1)) % answers.length]?.focus();
}

/** Of several open screens the last one is seen. */
function last(where: string): HTMLElement | undefined {
  const found = document.querySelectorAll<HTMLElement>(where);
  return found[found.length - 1];
}
