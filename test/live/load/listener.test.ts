import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { COMPLETED, ERROR, TIMED_OUT } from '../../../live/load/ending.ts';
import { Listener } from '../../../live/load/k6/listener.ts';
import { CLOSED_LINE, endedLine, parkedLine, readLine } from '../../../live/load/k6/lines.ts';
import { histogramsReady } from '../../../telemetry/histogram.ts';

beforeAll(histogramsReady);

const lines = [
  endedLine([{ number: 0, latenessMs: 0.25, serviceMs: 10, correctedMs: 10.25, ending: COMPLETED }]),
  'level=warning msg="k6 says something of its own"',
  endedLine([
    { number: 2, latenessMs: 2, serviceMs: 20, correctedMs: 22, ending: ERROR },
    { number: 1, latenessMs: 1, serviceMs: 500, correctedMs: 501, ending: TIMED_OUT },
  ]),
  parkedLine(4),
  '0m0.010000s 0m0.000000s',
  '0m1.000000s 0m0.500000s',
];

test('what was told is understood, wherever the pipe cuts it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300)), (cuts) => {
      const text = `${lines.join('\n')}\n`;
      const listener = new Listener();
      const places = [0, ...cuts.filter((at) => at < text.length).toSorted((a, b) => a - b), text.length];
      for (let i = 1; i < places.length; i++) listener.hear(text.slice(places[i - 1], places[i]));
      expect(listener.counts(3)).toEqual({
        offered: 3,
        sent: 3,
        completed: 1,
        errors: 1,
        timedOut: 1,
        interrupted: 0,
        dropped: 0,
      });
      expect(listener.cpuMs).toBe(1500);
      expect(listener.words).toEqual(['level=warning msg="k6 says something of its own"']);
      const { latenessMs, correctedMs } = listener.times();
      expect(latenessMs.max).toBe(2);
      expect(correctedMs!.max).toBe(501);
    }),
    { numRuns: 30 },
  );
});

test('a line of another kind is nobody’s', () => {
  expect(readLine('hello')).toBeNull();
  expect(readLine('~1 2 3')).toBeNull();
});

test('after a stop, what was due before it and neither sent nor put back is dropped; what was sent after it counts as offered', () => {
  const listener = new Listener();
  listener.hear(`${lines[0]}\n`);
  listener.stopAt(4);
  // 1 and 3 never come; 2 was due and is put back, 4 was sent although it was due only after the stop.
  listener.hear(`${parkedLine(2)}\n`);
  const late = { latenessMs: 0, serviceMs: 1, correctedMs: 1, ending: COMPLETED } as const;
  listener.hear(`${endedLine([{ number: 4, ...late }])}\n`);
  listener.hear(`${CLOSED_LINE}\n`);
  expect(listener.resting).toBe(2);
  expect(listener.counts(4)).toMatchObject({ offered: 4, sent: 2, dropped: 2 });
});
