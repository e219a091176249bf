// @vitest-environment node
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUDGETS, exceeded, isBuilt, measure } from "../tools/budgets.mjs";

describe("the client as it is built", () => {
  it("has the types that the server publishes", () => {
    execFileSync("node", ["tools/schema.mjs", "--check"]);
  });

  it("is named over budget where it is", () => {
    expect(exceeded({ ...BUDGETS, mp_alipay_kb: 1500.1 })).toEqual(["mp_alipay_kb"]);
    expect(exceeded({})).toEqual(Object.keys(BUDGETS));
  });

  it.skipIf(!isBuilt())("is within its budgets", () => {
    expect(exceeded(measure())).toEqual([]);
  });

  it.skipIf(!isBuilt())("asks no host but its own", () => {
    const assets = readdirSync("dist/build/h5/assets").filter((name) => /\.(js|css)$/.test(name));
    const named = assets.flatMap((name) => readFileSync(`dist/build/h5/assets/${name}`, "utf8").match(/https?:\/\/[\w.-]+/g) ?? []);

    expect([...new Set(named)].filter((host) => !/^https?:\/\/(www\.w3\.org|vuejs\.org)$/.test(host))).toEqual([]);
  });

  it("names no registry in its lock file", () => {
    expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved"|registry/);
  });
});

describe.skipIf(!isBuilt())("a mini-program", () => {
  it.each(["mp-weixin", "mp-alipay"])("for %s has the script of every component: names may not differ by case alone", (target) => {
    const home = `dist/build/${target}`;
    const drawn = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) => /\.(wxml|axml)$/.test(name));

    expect(drawn.length).toBeGreaterThan(40);
    expect(drawn.filter((name) => !existsSync(`${home}/${name.replace(/\.\w+$/, ".js")}`))).toEqual([]);
  });
});
