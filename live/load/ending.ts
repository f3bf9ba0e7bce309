/** How a request ended for its sender. Shared by Node and k6: erasable TypeScript, no imports. */
export const COMPLETED = 0;
export const ERROR = 1;
export const TIMED_OUT = 2;
export type Ending = typeof COMPLETED | typeof ERROR | typeof TIMED_OUT;

/** An answer with a status of the 200s is a success. */
export const endingOf = (status: number): Ending => (status >= 200 && status < 300 ? COMPLETED : ERROR);
