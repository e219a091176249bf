// Whose device it is next: nothing of the neighbours stays, and nothing that was not sent is lost without a word.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { calls, platform, settled } from "./platform";

const who = (id: string) => ({ access: `as ${id}`, refresh: "r", expires_at: "2099-01-01T00:00:00Z", caller: { kind: "leader", id, name: "王姐" } });
const TODAY = "2026-11-23";
const HOUR = 3600_000;

let queue: typeof import("../src/shell/queue");
let run: typeof import("../src/actions/run").run;
let notices: typeof import("../src/shell/notices");
let session: typeof import("../src/shell/session");
let neighbours: typeof import("../src/shell/neighbours");

async function started(): Promise<void> {
  vi.resetModules();
  queue = await import("../src/shell/queue");
  notices = await import("../src/shell/notices");
  session = await import("../src/shell/session");
  neighbours = await import("../src/shell/neighbours");
  run = (await import("../src/actions/run")).run;
}

const days = (): string[] => [...platform.storage.keys()].filter((key) => key.startsWith("lt.handout."));
const handed = (code: string) => queue.put(`handout ${TODAY}`, "/collect", { code });

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(`${TODAY}T10:00:00Z`) });
  Object.assign(uni, { getStorageInfoSync: () => ({ keys: [...platform.storage.keys()] }) });
  platform.storage.set(`lt.handout.${TODAY}`, "[]");
  await started();
  session.keepSession(who("l1"));
});
afterEach(() => vi.useRealTimers());

describe("signing out", () => {
  it("takes the neighbours' lists along", async () => {
    await run({ do: "sign_out", text: "退出" });

    expect([days(), session.session.now]).toEqual([[], null]);
  });

  it("warns of what was not sent, and stays without a yes", async () => {
    platform.answer = () => "offline";
    await handed("111111");
    const leaving = run({ do: "sign_out", text: "退出" });
    await settled();
    expect(notices.question.text).toContain("1 笔");
    notices.answer(false);

    expect(await leaving).toBe(false);
    expect([queue.waiting().length, days().length, session.session.now?.caller.id]).toEqual([1, 1, "l1"]);
  });

  it("leaves nothing to send as somebody else", async () => {
    platform.answer = () => "offline";
    await handed("111111");
    const leaving = run({ do: "sign_out", text: "退出" });
    await settled();
    notices.answer(true);
    await leaving;
    [platform.answer, platform.asked] = [() => ({ status: 200, body: {} }), []];
    await queue.sync();

    expect([queue.queue.deeds, calls()]).toEqual([[], []]);
  });
});

describe("somebody else who signs in after a session ended by itself", () => {
  beforeEach(async () => {
    platform.answer = () => ({ status: 200, body: who("l1") });
    await run({ do: "enter", text: "登录", path: "/sign-in" });
    platform.answer = () => "offline";
    await handed("111111");
    session.dropSession();
    platform.answer = ({ path }) => ({ status: 200, body: path.endsWith("/sign-in") ? who("l2") : {} });
    await run({ do: "enter", text: "登录", path: "/sign-in" });
    platform.asked = [];
  });

  it("finds no lists and sends nothing of the one before", async () => {
    await queue.sync();

    expect([days(), calls(), queue.waiting().length]).toEqual([[], [], 1]);
  });

  it("leaves it to be sent by whose it is", async () => {
    session.keepSession(who("l1"));
    await queue.sync();

    expect(calls().map((wish) => wish.body)).toEqual([{ code: "111111" }]);
  });
});

describe("a new start", () => {
  it("drops lists of more than three days ago", () => {
    platform.storage.set("lt.handout.2026-11-19", "[]");
    platform.storage.set("lt.handout.2026-11-21", "[]");

    neighbours.start();

    expect(days().sort()).toEqual(["lt.handout.2026-11-21", `lt.handout.${TODAY}`]);
  });

  it("tells what could not be sent for too long, until it was read", async () => {
    platform.answer = () => "offline";
    await handed("246810");
    vi.setSystemTime(Date.now() + 37 * HOUR);
    await started();
    neighbours.start();
    expect(queue.queue.deeds.map((deed) => deed.state)).toEqual(["refused"]);
    expect(notices.question.text).toContain("246810");

    await started();
    neighbours.start();
    notices.answer(true);
    await settled();

    expect(queue.queue.deeds).toEqual([]);
  });
});
