import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vitest/config";

/** What uni-app's own preprocessor does for H5: blocks between `#ifdef`, `#ifndef` and `#endif`. */
function forH5(): Plugin {
  const block = /(?:\/\/|<!--|\/\*)\s*#(ifdef|ifndef)\s+([\w| -]+?)\s*(?:-->|\*\/)?\n([\s\S]*?)(?:\/\/|<!--|\/\*)\s*#endif\s*(?:-->|\*\/)?/g;
  return {
    name: "for-h5",
    enforce: "pre",
    transform(code, id) {
      if (!/\/src\/.*\.(vue|ts)$/.test(id.split("?")[0] ?? "")) return null;
      return code.replace(block, (_, word: string, platforms: string, inside: string) => (/\bH5\b/.test(platforms) === (word === "ifdef") ? inside : ""));
    },
  };
}

export default defineConfig({
  plugins: [forH5(), vue({ template: { compilerOptions: { isCustomElement: (tag) => ["view", "image"].includes(tag) } } })],
  define: { __LINTUAN_HOST__: '""' },
  test: { environment: "jsdom", include: ["tests/**/*.test.ts"], setupFiles: ["tests/platform.ts"] },
});
