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

  it.each([
    ["play-ink", "play-one"], ["play-ink", "play-two"], ["play-ink", "play-three"], ["play-ink", "play-lit"], ["ink", "leaf-soft"], ["leaf-deep", "leaf-soft"],
    ["warm-deep", "warm-soft"], ["warm-deep", "card"], ["quiet", "card"], ["quiet", "tray"], ["on-dark", "leaf"], ["bad", "bad-soft"], ["leaf-deep", "card"],
  ])("can be read: %s on %s", (ink, ground) => {
    expect(contrast(valueOf(ink), valueOf(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each([["play-rim", "play-one"], ["play-lit", "play-rim"], ["play-lit", "play-field"], ["leaf", "play-two"], ["edge-deep", "card"], ["warm", "card"]])("can be told apart: %s beside %s", (one, other) => {
    expect(contrast(valueOf(one), valueOf(other))).toBeGreaterThanOrEqual(3);
  });
});

const valueOf = (name: string): string => new RegExp(`--${name}: (#[\\da-f]{6});`).exec(text("tokens.css"))![1]!;
const light = (colour: string): number => {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
};
function contrast(one: string, other: string): number {
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright! + 0.05) / (dark! + 0.05);
}
