import { defineConfig } from "vite";

export default defineConfig({
  build: {
    lib: { entry: "src/index.ts", formats: ["es"], fileName: "index" },
    target: "es2022",
    // The default for libraries keeps white space.
    rolldownOptions: { output: { minify: true } },
    sourcemap: true,
  },
});
