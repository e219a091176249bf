// Writes src/components/icons.css and icons.ts from Tabler's drawings: node tools/icons.mjs /path/to/@tabler/icons
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const NAMES = `alert-triangle arrow-left basket bell building-store calendar camera cash check checks chevron-right circle-check clock coin copy
discount download gift heart home info-circle leaf list-check map-pin message minus moon-stars package percentage phone photo pig-money plus printer qrcode
receipt refresh scan search settings share shopping-bag shopping-cart star tag ticket truck-delivery user user-circle users wifi-off world x backspace
arrow-back-up language text-size file-text chart-bar shield-check trash`.split(/\s+/);

const drawings = resolve(process.argv[2], "icons/outline");
const home = resolve(dirname(fileURLToPath(import.meta.url)), "../src/components");

const drawn = (name) => readFileSync(resolve(drawings, `${name}.svg`), "utf8")
  .replace(/<!--[\s\S]*?-->/, "").replace(/\s+/g, " ").replace(/ class="[^"]*"/g, "").replace(/<path stroke="none"[^>]*>/g, "")
  .replace('stroke="currentColor"', 'stroke="#000"').replace(/ (width|height)="24"/g, "").replace(/> </g, "><").replace(/"/g, "'").trim();
const address = (svg) => svg.replace(/%/g, "%25").replace(/#/g, "%23").replace(/</g, "%3C").replace(/>/g, "%3E");

writeFileSync(resolve(home, "icons.css"), `/* Tabler icons, MIT; written by tools/icons.mjs. */\n${NAMES.map((name) => `.icon-${name} { --drawing: url("data:image/svg+xml,${address(drawn(name))}"); }`).join("\n")}\n`);
writeFileSync(resolve(home, "icons.ts"), `// Written by tools/icons.mjs.\nexport const ICONS = new Set(\n  "${NAMES.join(" ")}".split(" "),\n);\n`);
