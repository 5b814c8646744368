import { type Plugin, defineConfig } from "vite";

/** Takes the white space out of the style sheets in `*style.ts` and `theme.ts`. */
function compactStyles(): Plugin {
  const compact = (css: string) =>
    css
      .replace(/\s+/g, " ")
      .replace(/ ?([{};,>]) ?/g, "$1")
      .replace(/: /g, ":")
      .replaceAll(";}", "}");
  return {
    name: "compact-styles",
    transform(code, id) {
      if (!/(style|theme)\.ts$/.test(id)) return undefined;
      return {
        code: code.replace(/(STYLE = `)([^`]*)/g, (_, head, css) => head + compact(css)),
        map: null,
      };
    },
  };
}

/**
 * The library leaves the client to the page's own bundle. `--mode standalone` puts it inside, for
 * pages without a bundler.
 */
export default defineConfig(({ mode }) => ({
  plugins: [compactStyles()],
  build: {
    outDir: mode === "standalone" ? "dist/standalone" : "dist",
    lib: {
      entry: { "seat-map": "src/seat-map.ts", "seat-booking": "src/seat-booking.ts" },
      formats: ["es"],
    },
    target: "es2022",
    rolldownOptions: {
      external: mode === "standalone" ? [] : ["@unified-booking/client"],
      // The default for libraries keeps white space.
      output: { minify: true, chunkFileNames: "[name].js" },
    },
    sourcemap: true,
  },
}));
