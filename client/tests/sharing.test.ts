import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../src/actions/run";
import type { Action } from "../src/schema";
import { pictureAddress } from "../src/shell/api";
import { cardOf } from "../src/shell/card";
import { place } from "../src/shell/place";
import { enter, leave, type ScreenHandle, type Shared } from "../src/shell/screens";
import { settings } from "../src/shell/settings";
import { platform } from "./platform";

const LINK = "http://localhost:3000/?page=product&offer=o1&point=p1";
const ours: Action = { do: "share", text: "发到群里", form: "card", title: "脐橙", content: "今晚 12.80", page: "product", with: { offer: "o1", point: "p1" } };

let given: ShareData[] = [];
let saved: string[] = [];
let cards: Shared[] = [];
const screen: ScreenHandle = {
  address: () => ({ name: "shelf", with: {} }),
  isSigningIn: () => false,
  showInstead: () => undefined,
  refresh: async () => undefined,
  share: (content) => void cards.push(content),
};

function sharing(canShareFiles: boolean, share = async (wish: ShareData): Promise<void> => void given.push(wish)): void {
  Object.assign(navigator, { share, canShare: () => canShareFiles });
}

beforeEach(() => {
  [given, saved, cards, platform.copied] = [[], [], [], ""];
  settings.language = "zh-hans";
  place.here = { id: "p1", name: "东湖" };
  leave(screen);
  enter(screen);
  vi.stubGlobal("fetch", async () => ({ ok: true, blob: async () => new Blob(["p"], { type: "image/webp" }) }));
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  Object.assign(navigator, { share: undefined, canShare: undefined });
});

describe("what is shared", () => {
  it("goes with its link, once", async () => {
    sharing(true);
    await run(ours);
    await run({ ...ours, content: `今晚 12.80 ${LINK}` });

    expect(given).toEqual([{ title: "脐橙", text: "今晚 12.80", url: LINK }, { title: "脐橙", text: `今晚 12.80 ${LINK}` }]);
  });

  it("is copied with its link, once, where the browser cannot share", async () => {
    await run(ours);
    expect(platform.copied).toBe(`今晚 12.80\n${LINK}`);

    await run({ ...ours, content: LINK });
    expect(platform.copied).toBe(LINK);
  });

  it("is copied where the browser will not, and not where the reader changed their mind", async () => {
    sharing(true, () => Promise.reject(new DOMException("no", "AbortError")));
    await run(ours);
    expect(platform.copied).toBe("");

    sharing(true, () => Promise.reject(new DOMException("no", "NotAllowedError")));
    await run(ours);
    expect(platform.copied).toBe(`今晚 12.80\n${LINK}`);
  });
});

describe("a picture", () => {
  const picture: Action = { ...ours, form: "picture", picture: "/media/oranges.webp?v=1" };

  it("is shared itself where files can be", async () => {
    sharing(true);
    await run(picture);

    expect(given[0]?.files?.map((file) => [file.name, file.type])).toEqual([["oranges.webp", "image/webp"]]);
    expect(saved).toEqual([]);
  });

  it("is kept where they cannot", async () => {
    sharing(false);
    await run(picture);

    expect([given, saved]).toEqual([[], ["oranges.webp"]]);
  });

  it("that is drawn here is kept by who draws it", async () => {
    const savePoster = vi.fn(async () => undefined);
    await run({ ...picture, picture: "" }, { savePoster });

    expect(savePoster).toHaveBeenCalledOnce();
  });
});

describe("the card of a screen", () => {
  it("leads to the point that its reader looks at", () => {
    expect(cardOf(null, "今晚", { name: "shelf", with: {} })).toEqual({ title: "今晚", path: "/pages/page/page?page=shelf&point=p1" });
    expect(cardOf(null, "今晚", { name: "shelf", with: { point: "p2" } }).path).toBe("/pages/page/page?page=shelf&point=p2");
  });

  it("is what was shared last, with its picture from where it is", async () => {
    await run({ ...ours, picture: "/static/goods/orange.webp" });

    expect(cards.map((card) => cardOf(card, "今晚", screen.address()))).toEqual([
      { title: "脐橙", path: "/pages/page/page?page=product&offer=o1&point=p1", imageUrl: pictureAddress("/static/goods/orange.webp") },
    ]);
  });
});
