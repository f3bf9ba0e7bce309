import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { terminalSummary } from '../../reports/summary.ts';
import { fixture } from './fixture.ts';
import { type Kind, MINUTE } from './fixture-policy.ts';

const outcomeOf = async (kind: Kind) => (await fixture(kind, 30 * MINUTE)).outcome;

describe('the terminal summary', () => {
  for (const kind of ['promoted', 'rolled-back', 'paused', 'refused'] as const)
    it(`says everything about a ${kind} rollout in a screenful`, async () => {
      const text = terminalSummary(await outcomeOf(kind), { color: false, report: 'runs/made-up/report.html' });
      const lines = text.split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
      expect(lines.length).toBeLessThanOrEqual(22);
      await expect(text).toMatchFileSnapshot(`golden/summary-${kind}.txt`);
    });

  it('colours on demand, without changing a word', async () => {
    const outcome = await outcomeOf('rolled-back');
    const coloured = terminalSummary(outcome, { color: true });
    expect(coloured).toContain('\u001b[32m');
    expect(stripVTControlCharacters(coloured)).toBe(terminalSummary(outcome, { color: false }));
  });

  it('leaves colours out for a stream that is no terminal', async () => {
    const outcome = await outcomeOf('promoted');
    expect(terminalSummary(outcome, { color: new Writable() })).toBe(terminalSummary(outcome, { color: false }));
  });

  it('wraps long explanations', async () => {
    const outcome = { ...(await outcomeOf('promoted')), explanation: 'word '.repeat(80).trim() };
    const lines = terminalSummary(outcome, { color: false }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
