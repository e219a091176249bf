// Writes package-lock.json anew, without the addresses of a registry.
// npm's own `omit-lockfile-registry-resolved` forgets the packages of other platforms, and `npm ci` then refuses the file.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

rmSync("package-lock.json", { force: true });
execFileSync("npm", ["install", "--package-lock-only", "--omit-lockfile-registry-resolved=false", "--no-audit", "--no-fund"], { stdio: "inherit" });
const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
for (const one of Object.values(lock.packages)) delete one.resolved;
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
