import { type Plugin, defineConfig } from "vite";

/** Takes the white space out of the style sheets in `style.ts` and `theme.ts`. */
function compactStyles(): Plugin {
  const compact = (css: string) =>
    css
      .replace(/\s+/g, " ")
      .replace(/ ?([{};,>]) ?/g, "$1")
      .replace(/: /g, ":")
      .replaceAll(";}", "}")
      .replace(/\b0\./g, ".");
  return {
    name: "compact-styles",
    transform(code, id) {
      if (!/(style|theme)\.ts$/.test(id)) return undefined;
      return {
        code: code.replace(/(STYLE = `)([^]*?)(`;\n)/g, (_, head, css, end) => {
          // Expressions stay as they are.
          const parts: string[] = css.split(/(\$\{\w+\})/);
          return head + parts.map((part, at) => (at % 2 ? part : compact(part))).join("") + end;
        }),
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
    // Rolldown first, then terser: together they save 200 bytes more than either.
    minify: "terser",
    terserOptions: { ecma: 2020, module: true, compress: { passes: 3 } },
    rolldownOptions: {
      external: mode === "standalone" ? [] : ["@unified-booking/client"],
      output: { minify: true, chunkFileNames: "[name].js" },
    },
    sourcemap: true,
  },
}));
