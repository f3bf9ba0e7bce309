/** What is drawn of a guard is what `decide` says of it, evaluation by evaluation. */
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { GuardVerdict } from '../../controller/decision.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import { histogramsReady } from '../../telemetry/histogram.ts';
import { RecordedGrid } from '../../tuning/fast/grid.ts';
import { judge } from '../../tuning/judge.ts';
import { isCounted, judgedSeries, seriesOf } from '../../what-if/series.ts';
import { EVERY_MS, randomPolicy } from '../tuning/random-policy.ts';
import { recipe, recordingOf } from '../tuning/synthetic.ts';

beforeAll(histogramsReady);

test('a counted guard is drawn over its bound exactly where a pooled sum breaches, at the value that was judged', () => {
  let compared = 0;
  fc.assert(
    fc.property(recipe, randomPolicy, (made, policy) => {
      const recording = recordingOf(policy, made);
      const grid = new RecordedGrid(recording, EVERY_MS);
      const { verdicts } = judge(policy, recording);
      for (const guard of policy.guards.filter(isCounted)) {
        if (guard.sustained.reading !== 'pooled' || guard.delayMs > 0) continue;
        const { values, over } = seriesOf(guard, policy, grid);
        for (const { atMs, verdict, value, reference } of verdicts.filter((each) => each.guard === guard.name)) {
          if (verdict === 'inconclusive') continue;
          const t = Math.round(atMs / EVERY_MS) - 1;
          expect(over[t], `${guard.name} at ${t}`).toBe(verdict === 'breach');
          compared++;
          // A latency bound is drawn as the share of answers beyond it, which decides.
          if (guard.metric.kind === 'latency' || value === null) continue;
          const shown = guard.bound?.kind === 'relative' ? value / reference! - 1 : value;
          expect(values[t]).toBeCloseTo(shown, 9);
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(compared).toBeGreaterThan(500);
});

const verdict = (minute: number, said: GuardVerdict['verdict'], evidence: number): GuardVerdict => ({
  guard: 'errors',
  stage: 'canary-1',
  atMs: minute * 60_000,
  verdict: said,
  value: 0.002,
  reference: null,
  threshold: 0.001,
  samples: 1000,
  sustainedMs: 0,
  because: '',
  test: { evidence, needed: 6.9, low: null, high: null },
});

test('a test is drawn as its evidence against what a breach needs', () => {
  const guard = loadPolicy('policies/sequential.yaml').guards.find(({ name }) => name === 'errors')!;
  const verdicts = [
    verdict(2, 'inconclusive', 3),
    verdict(3, 'breach', 7.5),
    { ...verdict(3, 'pass', 0), guard: 'other' },
  ];
  expect(judgedSeries(guard, verdicts, 60_000, 4)).toMatchObject({
    guard: 'errors',
    values: [null, 3, 7.5, null],
    over: [null, null, true, null],
    bounds: [6.9],
  });
});
