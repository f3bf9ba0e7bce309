import { expect, test, vi } from 'vitest';
import { reportFailure } from '../../cli/failure.ts';
import { StoreUnavailable } from '../../models/features/store.ts';
import { MissingRuntime } from '../../models/runtime.ts';

test.each([
  [new MissingRuntime('not here'), 4],
  [new StoreUnavailable('the feature store redis://127.0.0.1:1 cannot be reached'), 4],
  [new Error('a bug'), 1],
])('%s ends the command with %i and is said on stderr', (error, code) => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(reportFailure(error)).toBe(code);
    expect(write.mock.calls.join('')).toContain(error.message);
  } finally {
    write.mockRestore();
  }
});
