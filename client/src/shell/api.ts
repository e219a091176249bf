// The public API: who calls, in which language, once per key; refusals come as sentences for the reader.
import { device, dropSession, keepSession, session, type Session } from "./session";
import { settings } from "./settings";
import { t } from "./words";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface Wish {
  method: Method;
  path: string;
  body?: unknown;
  key?: string;
}

/** The server, or the way to it, said no. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code = "",
    readonly facts: Record<string, unknown> = {},
  ) {
    super(message);
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

const ROOT = "/api/v1";

/** Paths of pages are written from the root of the API or of the server. */
export const addressOf = (path: string): string => __LINTUAN_HOST__ + (/^\/(api|clock|static|media)\b/.test(path) ? path : ROOT + path);

/** Where a picture of a page is, for every platform. */
export const pictureAddress = (src: string): string => (src.startsWith("/") ? __LINTUAN_HOST__ + src : src);

export const newKey = (): string => Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join("");

export const ask = <T = unknown>(wish: Wish): Promise<T> => answerTo<T>(() => send(wish));

export const get = <T = unknown>(path: string): Promise<T> => ask<T>({ method: "GET", path });

export function queryOf(parameters: Record<string, string | undefined>): string {
  const parts = Object.entries(parameters)
    .filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "")
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return parts.length ? `?${parts.join("&")}` : "";
}

export function headersOf(key?: string): Record<string, string> {
  const headers: Record<string, string> = { "Accept-Language": settings.language };
  if (key) headers["Idempotency-Key"] = key;
  // #ifdef MP-WEIXIN
  headers["X-Lintuan-Client"] = "mp-weixin";
  // #endif
  // #ifdef MP-ALIPAY
  headers["X-Lintuan-Client"] = "mp-alipay";
  // #endif
  if (session.now) headers.Authorization = `Bearer ${session.now.access}`;
  return headers;
}

/** A file on the device: where it is and, in a browser, itself. */
export interface Sendable {
  path: string;
  file?: Blob;
}

/** Send a file; what the server calls it is in the answer. */
export const upload = <T>(path: string, sent: Sendable): Promise<T> => answerTo<T>(() => sendFile(path, sent));

interface Answer {
  status: number;
  body: unknown;
}

const WAIT = 15_000;
/** A photo takes its time on a poor network. */
const WAIT_FOR_FILE = 90_000;

async function answerTo<T>(sending: () => Promise<Answer>): Promise<T> {
  const sentAs = session.now?.access;
  const answer = await sending();
  if (answer.status === 401 && sentAs && (await renewed(sentAs))) return read<T>(await sending());
  return read<T>(answer);
}

function sendFile(path: string, { path: filePath, file }: Sendable): Promise<Answer> {
  return new Promise((resolve) => {
    uni.uploadFile({
      url: addressOf(path),
      filePath,
      ...(file && { file: file as File }),
      name: "photo",
      header: headersOf(),
      timeout: WAIT_FOR_FILE,
      success: ({ statusCode, data }) => resolve({ status: statusCode, body: parsed(data) }),
      fail: () => resolve({ status: 0, body: null }),
    });
  });
}

function send(wish: Wish): Promise<Answer> {
  const headers = headersOf(wish.key);
  if (wish.body !== undefined) headers["Content-Type"] = "application/json";
  return new Promise((resolve) => {
    uni.request({
      url: addressOf(wish.path),
      method: wish.method,
      header: headers,
      data: wish.body === undefined ? undefined : JSON.stringify(wish.body),
      dataType: "text",
      timeout: WAIT,
      success: ({ statusCode, data }) => resolve({ status: statusCode, body: parsed(data) }),
      fail: () => resolve({ status: 0, body: null }),
    });
  });
}

function parsed(body: unknown): unknown {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function read<T>({ status, body }: Answer): T {
  if (status >= 200 && status < 300) return body as T;
  if (status === 0) throw new Refused(t("网络不通，请检查网络后重试。", "No connection; check your network and try again."), 0, "offline");
  const problem = (body ?? {}) as { title?: string; code?: string; facts?: Record<string, unknown> };
  const title = problem.title ?? t("服务暂时不可用，请稍后重试。", "The service cannot answer just now; please try again.");
  throw new Refused(title, status, problem.code, problem.facts);
}

let renewing: Promise<boolean> | null = null;

/** Whether there is a session again: a refresh token is good once, so all who need it wait for one renewal. */
function renewed(sentAs: string): Promise<boolean> {
  if (session.now && session.now.access !== sentAs) return Promise.resolve(true);
  renewing ??= renew().finally(() => (renewing = null));
  return renewing;
}

async function renew(): Promise<boolean> {
  if (!session.now) return false;
  const answer = await send({ method: "POST", path: "/sign-in/refresh", body: { refresh: session.now.refresh, device: device() } });
  if (answer.status === 200) keepSession(answer.body as Session);
  else if (answer.status === 401) dropSession();
  return answer.status === 200;
}
