// The platform under the client, in memory: storage, navigation, and a network with a server that a test writes.
import { beforeEach } from "vitest";

export interface Asked {
  method: string;
  path: string;
  body: unknown;
  headers: Record<string, string>;
}

type Answer = { status: number; body?: unknown } | "offline";

export const platform = {
  storage: new Map<string, string>(),
  asked: [] as Asked[],
  went: [] as string[],
  copied: "",
  answer: ((): Answer => ({ status: 200, body: {} })) as (wish: Asked) => Answer,
};

interface Options {
  url: string;
  method?: string;
  data?: string;
  header?: Record<string, string>;
  success?: (answer: { statusCode: number; data: string }) => void;
  fail?: (wrong: { errMsg: string }) => void;
}

function request({ url, method = "GET", data, header = {}, success, fail }: Options): void {
  const wish = { method, path: url, body: data === undefined ? undefined : JSON.parse(data), headers: header };
  platform.asked.push(wish);
  const answer = platform.answer(wish);
  queueMicrotask(() => (answer === "offline" ? fail?.({ errMsg: "offline" }) : success?.({ statusCode: answer.status, data: JSON.stringify(answer.body ?? null) })));
}

const move = (how: string) => (to: { url?: string; success?: () => void }): void => {
  platform.went.push(`${how} ${to.url ?? ""}`.trim());
  to.success?.();
};

Object.assign(globalThis, {
  getCurrentPages: () => [{}],
  uni: {
    getStorageSync: (key: string) => platform.storage.get(key) ?? "",
    setStorageSync: (key: string, value: string) => void platform.storage.set(key, value),
    removeStorageSync: (key: string) => void platform.storage.delete(key),
    request,
    navigateTo: move("to"),
    redirectTo: move("replace"),
    reLaunch: move("start"),
    navigateBack: move("back"),
    setClipboardData: ({ data, success }: { data: string; success: () => void }) => {
      platform.copied = data;
      success();
    },
    onNetworkStatusChange: () => undefined,
    chooseImage: () => undefined,
  },
});

Object.defineProperty(globalThis, "localStorage", { configurable: true, value: { getItem: (key: string) => platform.storage.get(key) ?? null } });

beforeEach(() => {
  platform.storage.clear();
  platform.storage.set("lt.language", JSON.stringify("zh-hans"));
  platform.asked = [];
  platform.went = [];
  platform.answer = () => ({ status: 200, body: {} });
});

/** What was asked of the API itself. */
export const calls = (): Asked[] => platform.asked.filter((wish) => wish.path !== "/clock");
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
