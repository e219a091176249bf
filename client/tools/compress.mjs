// Puts a .gz and a .br beside every text of the built H5, so that no server has to do it again and again.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const assets = resolve(dirname(fileURLToPath(import.meta.url)), "../dist/build/h5/assets");

for (const name of readdirSync(assets)) {
  if (!/\.(js|css|svg|json)$/.test(name)) continue;
  const plain = readFileSync(join(assets, name));
  writeFileSync(join(assets, `${name}.gz`), gzipSync(plain, { level: 9 }));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  writeFileSync(join(assets, `${name}.br`), brotliCompressSync(plain, { params: quality }));
}
