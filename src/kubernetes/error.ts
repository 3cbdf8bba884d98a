/** What comes in place of an answer that was wanted. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { quote } from "../error/quote.ts";
import { isFields } from "./object.ts";

/** Statuses of a server, or of what stands before it, that is busy or on its way. */
const TRANSIENT: readonly number[] = [429, 502, 503, 504];
const GONE = 410;

const ADVICE: Readonly<Record<number, string>> = {
  401: "the token or client certificate is none of this cluster's, or has expired",
  403: "give the user this right by a Role or ClusterRole and a binding",
};

interface Refusal {
  readonly status: number;
  /** `AlreadyExists`, `Conflict`, …; empty where the answer is no Status document. */
  readonly reason: string;
  /** When to ask again, where the server says so. */
  readonly retryAfterMs?: number | undefined;
}

/** The API server has refused: its Status document. */
export class ApiError extends PodwireError {
  override readonly name = "ApiError";
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  /** `action`: method and path. */
  constructor(action: string, { status, reason, retryAfterMs }: Refusal, detail: string) {
    super(`${action}: ${[status, reason].filter(Boolean).join(" ")}: ${detail}`, {
      code: TRANSIENT.includes(status) ? CNI_ERROR.tryAgainLater : CNI_ERROR.notAvailable,
      advice: ADVICE[status] ?? "",
    });
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }

  /** The same request may be granted later. */
  get isTransient(): boolean {
    return TRANSIENT.includes(this.status) || this.retryAfterMs !== undefined;
  }

  /** The resource version is older than what the server remembers. */
  get isGone(): boolean {
    return this.status === GONE || this.reason === "Expired" || this.reason === "Gone";
  }
}

/** No answer, or not a whole one: whether the server has done what was asked is not known. */
export class ApiUnreachable extends PodwireError {
  override readonly name = "ApiUnreachable";

  constructor(action: string, problem: string, options: { readonly cause?: unknown } = {}) {
    super(`${action}: ${problem}`, {
      code: CNI_ERROR.tryAgainLater,
      advice: "want the API server's address and its certificate authority, and a way there from this node",
      ...options,
    });
  }
}

/** Of a Status document, as the body of an answer or in an ERROR event; of any text where it is none. */
export function apiErrorOf(
  action: string,
  status: number,
  text: string,
  retryAfter?: string | null,
): ApiError {
  const document = parse(text);
  const details = isFields(document.details) ? document.details : {};
  const code = typeof document.code === "number" ? document.code : status;
  const reason = typeof document.reason === "string" ? document.reason : "";
  const message = typeof document.message === "string" ? document.message : quote(text);
  const seconds = Number(retryAfter ?? details.retryAfterSeconds ?? Number.NaN);
  const retryAfterMs = seconds >= 0 ? seconds * 1000 : undefined;
  return new ApiError(action, { status: code, reason, retryAfterMs }, message);
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(text);
    return isFields(document) && document.kind === "Status" ? document : {};
  } catch {
    return {}; // a proxy's page: its text is in the message
  }
}
