import { type Plugin, defineConfig } from "vite";

/** Takes the white space out of the style sheets in `style.ts` and `theme.ts`. */
function compactStyles(): Plugin {
  const compact = (css: string) =>
    css
      .replace(/\s+/g, " ")
      .replace(/ ?([{};,>]) ?/g, "$1")
      .replace(/: /g, ":")
      .replaceAll(";}", "}")
      .replace(/="(\w+)"/g, "=$1")
      .replaceAll(" !", "!")
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

/** They are for bundlers, and nothing here can be left out. */
function dropAnnotations(): Plugin {
  return {
    name: "drop-annotations",
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === "chunk") file.code = file.code.replaceAll("/* @__PURE__ */ ", "");
    },
  };
}

/** Found by trying: what is smaller before gzip is not always smaller after it. */
const COMPRESS = {
  passes: 3,
  unsafe: true,
  unsafe_arrows: true,
  unsafe_comps: true,
  unsafe_math: true,
  pure_getters: true,
  comparisons: false,
  conditionals: false,
  hoist_vars: true,
  sequences: false,
};

/**
 * Properties that no page and no other file of the build sees: their names may be shortened. Each
 * is used in one of the two files only, because terser chooses names for each by itself.
 */
const NAMES = `
stateOf nameOf freeIn glideTo glideToBox toPlan overview onDrawn request glide home spread reset
pick box pitch source resume money frame hover forced dark colors theme within say quiet
announce closeLabel words session emit proceed tick nodes wide high refusal
`;
export const INTERNAL = new RegExp(`^(${NAMES.trim().split(/\s+/).join("|")})$`);

/**
 * The library leaves the client to the page's own bundle. `--mode standalone` puts it inside, for
 * pages without a bundler.
 */
export default defineConfig(({ mode }) => ({
  plugins: [compactStyles(), dropAnnotations()],
  build: {
    outDir: mode === "standalone" ? "dist/standalone" : "dist",
    lib: {
      entry: { "seat-map": "src/seat-map.ts", "seat-booking": "src/seat-booking.ts" },
      formats: ["es"],
    },
    target: "es2022",
    // Rolldown first, then terser: together they save 200 bytes more than either.
    minify: "terser",
    terserOptions: {
      mangle: { properties: { regex: INTERNAL } },
      ecma: 2020,
      module: true,
      compress: COMPRESS,
    },
    rolldownOptions: {
      external: mode === "standalone" ? [] : ["@unified-booking/client"],
      output: { minify: true, chunkFileNames: "[name].js" },
    },
    sourcemap: true,
  },
}));
