import createClient, { type Middleware } from "openapi-fetch";
import { ensureFresh } from "@/lib/auth/renewal";
import type { paths } from "./schema";

const renewing: Middleware = {
  async onRequest() {
    await ensureFresh();
  },
};

/** Return the API for scripts in the page: cookies by themselves, renewed before they end. */
export const browserApi = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
browserApi.use(renewing);
