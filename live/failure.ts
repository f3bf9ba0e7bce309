/** A live world that cannot go on or could not begin: one of its processes is gone, or something is missing on this machine. */
export class LiveFailure extends Error {
  override readonly name = 'LiveFailure';
}

export const asLiveFailure = (error: unknown): LiveFailure =>
  error instanceof LiveFailure ? error : new LiveFailure(error instanceof Error ? error.message : String(error));
