/** How far a producer has come in a sequence of rows, for those who wait for it. */

interface Waiter {
  readonly row: number;
  resolve(): void;
  reject(error: Error): void;
}

/** Rows become done in order, or the whole thing fails; nobody waits for ever. */
export class Progress {
  #done = 0;
  #failure: Error | null = null;
  #waiters: Waiter[] = [];

  /** Resolves once every row below `row` is done; rejects when that will not come. */
  until(row: number): Promise<void> {
    if (this.#done >= row) return Promise.resolve();
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#waiters.push({ row, resolve, reject }));
  }

  /** Says that all rows below `done` are done. */
  reach(done: number): void {
    this.#done = done;
    const ready = this.#waiters.filter(({ row }) => row <= done);
    this.#waiters = this.#waiters.filter(({ row }) => row > done);
    for (const waiter of ready) waiter.resolve();
  }

  /** Says that no more rows will be done. The first reason counts. */
  fail(error: Error): void {
    this.#failure ??= error;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(this.#failure);
  }
}
