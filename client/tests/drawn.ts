// One node, drawn; and the nodes of the pages that these tests have.
import { mount, type VueWrapper } from "@vue/test-utils";
import { expect, vi } from "vitest";
import NodeBox from "../src/renderer/Node.vue";
import type { Node } from "../src/schema";
import { PAGES as OTHERS } from "./pages";
import { plays } from "./plays";

export const PAGES: typeof OTHERS = { ...OTHERS, plays };

/** Plays have a script of their own, which comes with the first of them: here it has come. */
async function playsHaveCome(): Promise<void> {
  await import("../src/plays/Play.vue");
  const box = mount(NodeBox, { props: { node: plays.body[0]! } });
  await vi.waitFor(() => expect(box.find(".play").exists()).toBe(true), { timeout: 10_000 });
  box.unmount();
}
await playsHaveCome();

export const drawn = (node: Node): VueWrapper => mount(NodeBox, { props: { node }, attachTo: document.body });
const within = (node: Node): Node[] =>
  node.kind === "section" ? node.children.flatMap(withAll) : node.kind === "tabs" ? node.items.flatMap((item) => item.body.flatMap(withAll)) : [];
const withAll = (node: Node): Node[] => [node, ...within(node)];
export const nodes = Object.values(PAGES).flatMap((page) => [...page.body, ...(page.foot ?? [])]).flatMap(withAll);
export const find = (kind: string): Node => nodes.find((node) => node.kind === kind)!;
export const button = (box: VueWrapper, words: string) => {
  const found = box.findAll("button").find((one) => one.text() === words || one.attributes("aria-label") === words);
  if (!found) throw new Error(`no button ${words} in ${box.html()}`);
  return found;
};
