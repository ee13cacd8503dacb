import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const config: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  // Pictures come from the API in the widths that are shown; sharp would add 19 MB for nothing.
  images: { unoptimized: true },
  outputFileTracingExcludes: {
    "**": ["node_modules/sharp/**", "node_modules/@img/**", "node_modules/@swc/core*/**"],
  },
  poweredByHeader: false,
  // The front compresses; doing it twice costs time on both.
  compress: false,
  reactStrictMode: true,
};

export default createNextIntlPlugin("./src/lib/i18n/request.ts")(config);
