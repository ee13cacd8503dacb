import type { components } from "./schema";

type ErrorAnswer = components["schemas"]["ErrorAnswer"];

/** A refusal of the API, or its silence: `code` is stable, `message` is for logs. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
    readonly requestId: string | null = null,
  ) {
    super(message);
  }

  /** Return the failure of a response, whatever its body is. */
  static of(response: Response, body: unknown): ApiFailure {
    const requestId = response.headers.get("x-request-id");
    if (!isErrorAnswer(body)) {
      return new ApiFailure(response.status, `HTTP_${response.status}`, response.statusText, {}, requestId);
    }
    const { code, message, details } = body.error;
    return new ApiFailure(response.status, code, message, details ?? {}, requestId);
  }

  /** Return the failure of a call without a response. */
  static unreachable(cause: unknown): ApiFailure {
    return new ApiFailure(0, "API_UNREACHABLE", String(cause));
  }
}

function isErrorAnswer(body: unknown): body is ErrorAnswer {
  return typeof body === "object" && body !== null && "error" in body && typeof body.error === "object";
}

type Outcome<T> = { data?: T; error?: unknown; response: Response };

/** Return the data of a call, or throw an `ApiFailure`. */
export async function dataOf<T>(call: Promise<Outcome<T>>): Promise<T> {
  let outcome: Outcome<T>;
  try {
    outcome = await call;
  } catch (error) {
    throw ApiFailure.unreachable(error);
  }
  // A 204 has no data and is none to fail over.
  if (!outcome.response.ok) throw ApiFailure.of(outcome.response, outcome.error);
  return outcome.data as T;
}
