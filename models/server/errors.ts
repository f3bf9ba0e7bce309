/** A request that is answered with an error: `{"error": message}` and this status. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  /** HTTP status: 400 invalid or not ready, 404 not found, 413 too large, 501 unsupported, 503 full, 504 too late, 500 ours. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The request breaks a rule; the message names what came and what was expected. */
export const invalid = (message: string): ServerError => new ServerError(400, message);

/** Any failure as one with a status: what we did not foresee is 500. */
export const asServerError = (error: unknown): ServerError =>
  error instanceof ServerError ? error : new ServerError(500, error instanceof Error ? error.message : String(error));
