import { defineConfig, globalIgnores } from "eslint/config";
import coreWebVitals from "eslint-config-next/core-web-vitals";
import typescript from "eslint-config-next/typescript";

export default defineConfig([
  globalIgnores([".next*/**", "next-env.d.ts", "src/lib/api/schema.d.ts"]),
  ...coreWebVitals,
  ...typescript,
  {
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      // Posters are sized by the API; `next/image` has no optimiser here.
      "@next/next/no-img-element": "off",
    },
  },
]);
