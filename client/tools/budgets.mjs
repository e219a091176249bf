// How large the built client is, and whether that is within its budgets. Sizes, not times: they are the same on every machine.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUILT = resolve(dirname(fileURLToPath(import.meta.url)), "../dist/build");

/** In kB of 1000 bytes. */
export const BUDGETS = { first_screen_gzip_kb: 120, mp_weixin_main_kb: 1000, mp_alipay_kb: 1500 };

export function measure(built = BUILT) {
  return {
    first_screen_gzip_kb: kilo(firstScreen(join(built, "h5"))),
    mp_weixin_main_kb: kilo(whole(join(built, "mp-weixin"))),
    mp_alipay_kb: kilo(whole(join(built, "mp-alipay"))),
  };
}

export const exceeded = (sizes) => Object.entries(BUDGETS).filter(([name, most]) => !(sizes[name] <= most)).map(([name]) => name);

const kilo = (bytes) => Math.round(bytes / 100) / 10;

/** Scripts and styles that the document asks for itself, as they travel. */
function firstScreen(home) {
  const document = readFileSync(join(home, "index.html"), "utf8");
  const named = [...document.matchAll(/(?:src|href)="\/static\/h5\/([^"]+\.(?:js|css))"/g)].map((found) => found[1]);
  return named.reduce((sum, name) => sum + gzipSync(readFileSync(join(home, name)), { level: 9 }).length, 0);
}

function whole(folder) {
  return readdirSync(folder).reduce((sum, name) => {
    const path = join(folder, name);
    return sum + (statSync(path).isDirectory() ? whole(path) : statSync(path).size);
  }, 0);
}

export const isBuilt = () => ["h5/index.html", "mp-weixin", "mp-alipay"].every((path) => existsSync(join(BUILT, path)));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = measure();
  console.log(JSON.stringify(sizes));
  const over = exceeded(sizes);
  if (over.length) {
    console.error(`Over budget: ${over.map((name) => `${name} ${sizes[name]} > ${BUDGETS[name]}`).join(", ")}`);
    process.exit(1);
  }
}
