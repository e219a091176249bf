// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.(css|vue|ts)$/.test(name));
const text = (name: string) => readFileSync(`src/${name}`, "utf8");
const colours = (name: string) => text(name).match(/#[\da-f]{3,8}\b|\b(rgb|hsl)a?\(/gi) ?? [];

describe("tokens", () => {
  it("are the only place of colours but for the black and white of codes and the masks of icons", () => {
    const elsewhere = files.filter((name) => !["tokens.css", "components/icons.css", "shell/qr.ts"].includes(name) && colours(name).length);

    expect(colours("tokens.css").length).toBeGreaterThan(20);
    expect(elsewhere).toEqual([]);
  });

  it("are all there that are used", () => {
    const used = files.flatMap((name) => [...text(name).matchAll(/var\((--[\w-]+)|colourOf\("([\w-]+)"/g)].map(([, name, drawn]) => name ?? `--${drawn}`));
    const made = new Set(["tokens.css", "components/icons.css"].flatMap((name) => [...text(name).matchAll(/(--[\w-]+):/g)].map(([, name]) => name)));

    expect([...new Set(used)].filter((name) => !made.has(name))).toEqual([]);
  });
});
