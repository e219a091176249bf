import uniPlugin from "@dcloudio/vite-plugin-uni";
import { defineConfig, type Plugin } from "vite";

// The package is CommonJS: its default export lies one level deeper when Node imports it.
const uni = (uniPlugin as unknown as { default?: typeof uniPlugin }).default ?? uniPlugin;

const isH5 = process.env.UNI_PLATFORM === "h5";

export default defineConfig({
  plugins: [uni(), withWays(), withoutStrangers()],
  base: isH5 && process.env.NODE_ENV === "production" ? "/static/h5/" : "/",
  define: { __LINTUAN_HOST__: JSON.stringify(isH5 ? "" : process.env.LINTUAN_HOST ?? "https://lintuan.example") },
  build: {
    target: isH5 ? ["chrome64", "safari12"] : undefined,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    // One request instead of a chain of them: the page is needed at once, plays are not.
    rollupOptions: isH5 ? { output: { manualChunks: (id) => (/\/src\/plays\//.test(id) ? "plays" : "index") } } : {},
  },
  server: { proxy: proxied(process.env.LINTUAN_API ?? "http://127.0.0.1:8000") },
});

/** uni-app leaves its router out of a client with one page; ours has one page and many addresses. Long presses and WXS we do not use. */
function withWays(): Plugin {
  return { name: "with-ways", enforce: "post", config: () => (isH5 ? { define: { __UNI_FEATURE_PAGES__: true, __UNI_FEATURE_LONGPRESS__: false, __UNI_FEATURE_WXS__: false } } : {}) };
}

/** Its styles fetch a shadow from its maker's host, which our pages do not allow. */
function withoutStrangers(): Plugin {
  return {
    name: "without-strangers",
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === "asset" && file.fileName.endsWith(".css")) file.source = String(file.source).replace(/url\(https:[^)]*\)/g, "none");
      }
    },
  };
}

function proxied(api: string) {
  return Object.fromEntries(["/api", "/clock", "/static/goods"].map((path) => [path, { target: api, changeOrigin: true }]));
}
