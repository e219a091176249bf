// Makes of a page, whatever server wrote it, one that this client can draw. Nothing is dropped: what is not known becomes words.
import { isKnown } from "../actions/run";
import { KINDS, SCHEMA, type Action, type Node, type Page, type PlainType } from "../schema";

export interface Drawn extends Page {
  tabs: NonNullable<Page["tabs"]>;
  body: Node[];
  foot: Node[];
}

type Loose = Record<string, unknown>;
type Draw = (node: unknown) => Node[];

export function prepare(page: Page): Drawn {
  const draw = page.schema !== undefined && page.schema > SCHEMA ? inWords : asKnown;
  return { ...page, tabs: list(page.tabs) as Drawn["tabs"], body: list(page.body).flatMap(draw), foot: list(page.foot).flatMap(draw) };
}

/** The node; its words where the kind, or what it cannot be drawn without, is not there. */
const asKnown: Draw = (node) => {
  if (!isObject(node)) return [];
  if (!isDrawable(node)) return [...ownWords(node), ...inside(node).flatMap(asKnown)];
  if (node.kind === "section") return [{ ...node, children: list(node.children).flatMap(asKnown) } as unknown as Node];
  if (node.kind === "tabs") return [{ ...node, items: parts(node).map((part) => ({ ...part, body: list(part.body).flatMap(asKnown) })) } as unknown as Node];
  return [node as unknown as Node];
};

/** Only words: of what a greater schema means by a kind nothing is known. */
const inWords: Draw = (node) => {
  if (!isObject(node)) return [];
  const within = inside(node).flatMap(inWords);
  const saysTheSame = within.length > 0 && (node.kind === "section" || node.kind === "tabs");
  return saysTheSame ? within : [...ownWords(node), ...within];
};

function ownWords(node: Loose): Node[] {
  if (typeof node.text !== "string" || !node.text) return [];
  const plain: Node = { kind: "plain", text: node.text };
  if (typeof node.key === "string") plain.key = node.key;
  if (isObject(node.tap) && isKnown(node.tap)) plain.tap = node.tap as unknown as Action;
  return [plain];
}

function isDrawable(node: Loose): boolean {
  const kind = node.kind as string;
  if (!Object.prototype.hasOwnProperty.call(KINDS, kind)) return false;
  return Object.entries(KINDS[kind]!).every(([field, type]) => isA(type, node[field]));
}

const isA = (type: PlainType, value: unknown): boolean =>
  type === "list" ? Array.isArray(value) : type === "object" ? isObject(value) : typeof value === type;

const inside = (node: Loose): unknown[] => [...list(node.children), ...parts(node).flatMap((part) => list(part.body))];
const parts = (node: Loose): Loose[] => list(node.items).filter(isObject);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);
