// What the reader chose for this device: the language and the size of type.
import { reactive } from "vue";
import { kept } from "./kept";

export type Language = "zh-hans" | "en";
export type Size = "normal" | "large";

export const settings = reactive({
  language: kept.read<Language>("language", spoken()),
  size: kept.read<Size>("size", "normal"),
});

export function chooseLanguage(language: Language): void {
  settings.language = language;
  kept.write("language", language);
  tellServer("lintuan-lang", language);
}

export function chooseSize(size: Size): void {
  settings.size = size;
  kept.write("size", size);
}

/** The server writes the first page into the document that a browser asks for, and knows only its cookies then. */
export function tellServer(name: string, value: string): void {
  // #ifdef H5
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; SameSite=Lax`;
  // #endif
}

function spoken(): Language {
  // #ifdef H5
  if (typeof navigator !== "undefined") return navigator.language.toLowerCase().startsWith("zh") ? "zh-hans" : "en";
  // #endif
  return "zh-hans";
}
