import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../scenarios/files.ts';

/** What a file imports when it runs: types are gone by then. */
const imports = (path: string): string[] =>
  [
    ...readFileSync(join(packageRoot, path), 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gms),
  ].map(([, from]) => from!);

test('what k6 runs imports only k6’s own modules and files of ours by their full name, all the way down', () => {
  const seen = new Set<string>();
  const wrong: string[] = [];
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const from of imports(path)) {
      if (/^\.{1,2}\/.*\.ts$/.test(from)) visit(join(path, '..', from));
      else if (!/^k6(\/|$)/.test(from)) wrong.push(`${path}: ${from}`);
    }
  };
  visit('live/load.k6.ts');
  expect(wrong).toEqual([]);
  expect([...seen].toSorted()).toEqual([
    'live/load.k6.ts',
    'live/load/ending.ts',
    'live/load/k6/lines.ts',
    'live/load/k6/script-plan.ts',
    'live/load/request.ts',
    'live/load/row.ts',
    'live/load/slice-index.ts',
  ]);
});
