import { mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import PhotoField from "../src/components/PhotoField.vue";
import { notice } from "../src/shell/notices";
import { within } from "../src/shell/photos";
import { dropSession, keepSession, session } from "../src/shell/session";
import { settings } from "../src/shell/settings";
import { platform, settled } from "./platform";

interface Sent {
  url: string;
  filePath: string;
  file?: Blob;
  header: Record<string, string>;
  timeout: number;
  success(answer: { statusCode: number; data: string }): void;
}

const small = new Blob(["small"], { type: "image/jpeg" });
const who = (access: string) => ({ access, refresh: "r", expires_at: "2099-01-01T00:00:00Z", caller: { kind: "member", id: "m1", name: "李雷" } });
let sent: Sent[] = [];
let drawn: number[][] = [];
let readable = true;

class Photo {
  naturalWidth = 4000;
  naturalHeight = 3000;
  onload = (): void => undefined;
  onerror = (): void => undefined;
  set src(_: string) {
    queueMicrotask(() => (readable ? this.onload() : this.onerror()));
  }
}

function answering(status: (one: Sent) => number): void {
  Object.assign(uni, {
    chooseImage: ({ success }: { success(found: { tempFilePaths: string[] }): void }) => success({ tempFilePaths: ["blob:photo"] }),
    uploadFile: (one: Sent) => {
      sent.push(one);
      queueMicrotask(() => one.success({ statusCode: status(one), data: JSON.stringify({ key: "k1", title: "太大了。" }) }));
    },
  });
}

beforeEach(() => {
  [sent, drawn, readable] = [[], [], true];
  settings.language = "zh-hans";
  dropSession();
  vi.stubGlobal("Image", Photo);
  const pen = { fillRect: () => undefined, drawImage: (_: unknown, ...box: number[]) => void drawn.push(box) };
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(pen as never);
  vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation((done, type) => done(type === "image/jpeg" ? small : null));
  answering(() => 201);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function photographed() {
  const field = mount(PhotoField, { props: { label: "照片", send: "/photos", most: 3 } });
  await field.find(".photo-add").trigger("click");
  for (let turn = 0; turn < 4; turn += 1) await settled();
  return field;
}

describe("a photo", () => {
  it("is drawn small before it is sent", async () => {
    const field = await photographed();

    expect(drawn).toEqual([[0, 0, 1600, 1200]]);
    expect(sent.map((one) => [one.url, one.file])).toEqual([["/api/v1/photos", small]]);
    expect(field.emitted("change")).toEqual([[["k1"]]]);
  });

  it("that the browser cannot draw is sent as it is, and a refusal told", async () => {
    readable = false;
    answering(() => 413);
    await photographed();

    expect(sent.map((one) => [one.filePath, one.file])).toEqual([["blob:photo", undefined]]);
    expect(notice.text).toBe("太大了。");
  });

  it("is sent again with a renewed session", async () => {
    keepSession(who("old"));
    platform.answer = () => ({ status: 200, body: who("new") });
    answering(({ header }) => (header.Authorization === "Bearer new" ? 201 : 401));
    const field = await photographed();

    expect(sent.map((one) => one.header.Authorization)).toEqual(["Bearer old", "Bearer new"]);
    expect([session.now?.access, field.emitted("change")]).toEqual(["new", [[["k1"]]]]);
  });

  it("keeps its shape, and is never made larger", () => {
    expect([within(3000, 4000, 1600), within(800, 600, 1600), within(8000, 1, 1600)]).toEqual([
      { width: 1200, height: 1600 },
      { width: 800, height: 600 },
      { width: 1600, height: 1 },
    ]);
  });
});
