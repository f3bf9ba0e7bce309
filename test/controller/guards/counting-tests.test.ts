/** Guards that a test of counts decides, through the real controller: verdicts, sentences, evidence over stages. */
import { describe, expect, it } from 'vitest';
import type { GuardVerdict } from '../../../controller/decision.ts';
import { logEvidence } from '../../../controller/guards/bernoulli-evidence.ts';
import type { Stage } from '../../../controller/policy.ts';
import { within } from '../../statistics/within.ts';
import { guardOf, MINUTE, policyOf, rowOf, type Script, stageOf } from '../support.ts';
import {
  full,
  E_PROCESS,
  TWO_ARM,
  SEQUENCE,
  tested,
  onClicks,
  drop,
  rise,
  oneStage,
  minutely,
  run,
  verdictsOf,
} from './tested.ts';

const dividedBy = (inflation: number | 'measured', looks: number): GuardVerdict =>
  verdictsOf(
    run(
      oneStage([tested({ ...E_PROCESS, inflation }, { action: 'alert' })], 60 * MINUTE),
      minutely((at) => ({ errors: [0, 12][at % 2]! })),
    ),
  )[looks - 1]!;

describe('e-process', () => {
  it('breaches at the look at which the boundary is crossed, with its evidence in the sentence', () => {
    // 15 a minute: the boundaries at 4,167 requests are 16, 23, 30 … (statistics §7.3).
    const r = run(
      oneStage([tested(E_PROCESS)]),
      minutely(() => ({ errors: 15 })),
    );
    expect(verdictsOf(r).map(({ verdict }) => verdict)).toEqual(['inconclusive', 'breach']);
    expect(r.state.explanation).toBe(
      'rolled back: error ratio 0.36 % > 0.1 %, proven at α 0.1 % (ln E 14.77 of 6.91) since canary began, n = 8,334 (guard errors, stage canary)',
    );
    within(r.state.endedBy!.test!.evidence!, logEvidence('up', 30, 8334, 0.001), 1e-12);
    within(r.state.endedBy!.test!.needed!, Math.log(1000));
  });

  it('passes by evidence only: what is not proven either way is inconclusive and never advances', () => {
    const good = run(
      oneStage([tested(E_PROCESS)]),
      minutely(() => ({ errors: 1 })),
    );
    expect(good.state.verdict).toBe('promoted');
    expect(verdictsOf(good).at(-1)!.because).toContain('proven at α 5 %');
    // Exactly at the bound nothing can be proven; alternating keeps the sum at 4.17 a minute.
    const edge = run(
      oneStage([tested(E_PROCESS)]),
      minutely((at) => ({ errors: at % 6 === 0 ? 5 : 4 })),
    );
    expect(edge.state.verdict).toBe('paused');
    expect(edge.state.explanation).toMatch(/not proven either way \(ln E .* for it\) since canary began, n = [\d,]+/);
  });

  it('passes by estimate where the policy says so, says that it is one, and not before there are enough samples', () => {
    const test = { ...E_PROCESS, passBy: 'estimate' as const };
    const r = run(
      oneStage([tested(test)], 10 * MINUTE),
      minutely((at) => ({ errors: at % 2 === 0 ? 4 : 3 })),
    );
    const seen = verdictsOf(r);
    expect(seen[0]).toMatchObject({ verdict: 'inconclusive', samples: 4167 });
    expect(seen[1]).toMatchObject({ verdict: 'pass', samples: 8334 });
    expect(seen[1]!.because).toContain('by estimate only');
  });

  it('compares nothing with the bound before it has its samples', () => {
    const r = run(
      oneStage([tested(E_PROCESS, { minSamples: 50_000 })], 3 * MINUTE),
      minutely(() => ({ errors: 1 })),
    );
    expect(r.state.explanation).toMatch(
      /errors: error ratio 0.024 %, 12,501 of 50,000 samples since canary began, n = 12,501/,
    );
  });

  it('a floor is the mirror of a ceiling', () => {
    const bound = { kind: 'absolute', breachWhen: '<', value: 0.05 } as const;
    const guard = tested(E_PROCESS, { ...onClicks, minPositives: 0, bound });
    const clicks = (outcomes: number) =>
      run(
        oneStage([guard]),
        minutely(() => ({ impressions: 4167, outcomes })),
      );
    expect(clicks(180).state.explanation).toContain('outcome ratio 4.32 % < 5 %, proven at α 0.1 %');
    expect(clicks(240).state.verdict).toBe('promoted');
  });

  it('"p95 > 50 ms" counts slow answers, and requests without an answer with them', () => {
    const guard = tested(E_PROCESS, {
      metric: { kind: 'latency', quantile: 0.95 },
      bound: { kind: 'absolute', breachWhen: '>', value: 50 },
    });
    const r = run(
      oneStage([guard]),
      minutely(() => ({ over: [290] })),
    );
    expect(r.state.explanation).toContain('latency p95 beyond every answer > 50 ms (6.96 % beyond it), proven');
  });

  it('counts are divided by a fixed factor, or by what the windows show', () => {
    expect(dividedBy(3, 40).because).toContain(', counts divided by 3 since canary began');
    expect(dividedBy('measured', 2).because).toContain(', counts divided by');
    // 0 and 12 alternating: every step is 12, of two windows that hold 12 together.
    expect(dividedBy('measured', 40).because).toContain(
      `, counts divided by ${Number((12 / (1 - 6 / 4167)).toPrecision(3))} `,
    );
    within(dividedBy(3, 40).test!.evidence!, dividedBy(1, 40).test!.evidence! / 3, 0.5);
  });

  it('a stage is a new process; carried over, the evidence of stages multiplies', () => {
    const stages = [stageOf('a', 5, { holdMs: MINUTE, extendMs: 0 }), stageOf('b', 25, { holdMs: 5 * MINUTE }), full];
    const any = guardOf({ name: 'any', bound: { kind: 'absolute', breachWhen: '>', value: 0.5 } });
    const evidence = (carryOver: boolean): (number | null)[] => {
      const guard = tested(E_PROCESS, { action: 'alert', requiredToAdvance: false, carryOver });
      return verdictsOf(
        run(
          policyOf({ guards: [guard, any], stages }),
          minutely(() => ({ errors: 9 })),
        ),
      ).map(({ test }) => test!.evidence);
    };
    const [alone, fresh] = evidence(false) as [number, number];
    const [first, second, third] = evidence(true) as [number, number, number];
    expect(fresh).toBe(alone);
    expect(first).toBe(alone);
    within(second, 2 * alone, 1e-12);
    within(third, alone + evidence(false)[2]!, 1e-12);
  });

  it('begins anew at every window for late harm, with the looks of the stage paid for', () => {
    const late = tested({ ...E_PROCESS, lateOnset: true });
    const plain = tested(E_PROCESS, { name: 'plain', action: 'alert', requiredToAdvance: false });
    const script = minutely((at) => ({ errors: at < 60 ? 2 : 10 }));
    const r = run(oneStage([late, plain], 120 * MINUTE), script);
    expect(r.state).toMatchObject({ verdict: 'rolled-back', endedBy: { guard: 'errors' } });
    expect(r.state.decidedAtMs! / MINUTE).toBeLessThan(67);
    expect(verdictsOf(r, 'plain').at(-1)!.test!.evidence!).toBeLessThan(0);
  });
});

const atFive = (stage: Stage): Stage => (stage.weightPercent < 100 ? { ...stage, weightPercent: 5 } : stage);

const incident = (at: number) => ({ errors: at > 5 ? 300 : 4 });

const broken: Script = (index) => [
  rowOf('baseline', index, { requests: 70_000, errors: 70 }, MINUTE),
  rowOf('candidate', index, { requests: 7000, errors: 70 }, MINUTE),
];

describe('two-arm', () => {
  const guard = tested(TWO_ARM, { bound: rise(0, 'control'), requiredToAdvance: false });
  const any = guardOf({ name: 'any', bound: { kind: 'absolute', breachWhen: '>', value: 0.5 } });

  it('an incident that hits both arms is no difference; twice the errors are', () => {
    expect(run(oneStage([guard, any]), minutely(incident, incident)).state.verdict).toBe('promoted');
    const r = run(
      oneStage([guard, any]),
      minutely(
        (at) => ({ errors: at % 2 === 0 ? 16 : 20 }),
        () => ({ errors: 8 }),
      ),
    );
    expect(r.state.explanation).toMatch(
      /^rolled back: error ratio 0.43\d % *, 12\d % above the control's 0.192 % \(more than 0 %\), proven at α 0.1 %/,
    );
  });

  it('with a margin, both sides can be proven; without one, equality cannot', () => {
    const margin = tested(TWO_ARM, { bound: rise(1, 'control') });
    const equal = run(
      oneStage([margin]),
      minutely(
        () => ({ errors: 8 }),
        () => ({ errors: 8 }),
      ),
    );
    expect(equal.state.verdict).toBe('promoted');
    const none = run(
      oneStage([tested(TWO_ARM, { bound: rise(0, 'control') })]),
      minutely(
        () => ({ errors: 8 }),
        () => ({ errors: 8 }),
      ),
    );
    expect(none.state.verdict).toBe('paused');
  });

  it('a drop is proven like a rise, and either way like both', () => {
    const fewer = minutely(
      () => ({ impressions: 4167, outcomes: 150 }),
      () => ({ impressions: 4167, outcomes: 210 }),
    );
    const both = { kind: 'relative', to: 'control', direction: 'either', by: 0 } as const;
    for (const bound of [drop(0, 'control'), both]) {
      const r = run(oneStage([tested(TWO_ARM, { ...onClicks, minPositives: 0, bound })]), fewer);
      expect(r.state.verdict).toBe('rolled-back');
    }
    const rises = run(
      oneStage([tested(TWO_ARM, { ...onClicks, minPositives: 0, bound: rise(0, 'control') }), any]),
      fewer,
    );
    expect(rises.state.verdict).toBe('promoted');
    expect(verdictsOf(rises).at(-1)!.because).toContain('(not more than 0 %), proven at α 5 %');
  });

  it('carries the evidence of the stages before, one way and both ways', () => {
    const stages = [stageOf('a', 5, { holdMs: MINUTE, extendMs: 0 }), stageOf('b', 25, { holdMs: 5 * MINUTE }), full];
    const either = { kind: 'relative', to: 'control', direction: 'either', by: 0 } as const;
    for (const bound of [rise(0, 'control'), either]) {
      const evidence = (carryOver: boolean): (number | null)[] => {
        const asked = tested(TWO_ARM, { bound, action: 'alert', requiredToAdvance: false, carryOver });
        const script = minutely(
          () => ({ errors: 9 }),
          () => ({ errors: 5 }),
        );
        // Weights that differ in reality as little as the script's requests do: the split is not what is asked about.
        return verdictsOf(run(policyOf({ guards: [asked, any], stages: stages.map(atFive) }), script)).map(
          ({ test }) => test!.evidence,
        );
      };
      const [alone, fresh] = evidence(false) as [number, number];
      const [first, second] = evidence(true) as [number, number];
      expect(fresh).toBe(alone);
      expect(first).toBe(alone);
      within(second, 2 * alone, 1e-12);
    }
  });

  it('no traffic mends a router: what a stage lacks is not told in samples while the shares are wrong', () => {
    const margin = tested(TWO_ARM, { bound: rise(0.1) });
    const r = run(oneStage([margin], 5 * MINUTE), broken);
    expect(r.state.explanation).toContain('the router gives the candidate 9.09 % of the requests, not 5 %');
    expect(r.state.explanation).not.toContain('times the traffic');
    expect(r.state.endedBy!.needed).toBeUndefined();
  });

  it('knows nothing while the router does not keep its shares', () => {
    const r = run(oneStage([tested(TWO_ARM, { bound: rise(0) }), any], 5 * MINUTE), broken);
    expect(r.state.verdict).toBe('paused');
    expect(r.state.explanation).toContain('the router gives the candidate 9.09 % of the requests, not 5 %');
  });
});

const clicking = (candidate: number) =>
  minutely(
    () => ({ impressions: 4167, outcomes: candidate }),
    () => ({ impressions: 79_166, outcomes: 3958 }),
  );

const dropPolicy = (by: number, holdMs = 120 * MINUTE) =>
  oneStage([tested(SEQUENCE, { ...onClicks, bound: drop(by) })], holdMs);

describe('ratio-sequence', () => {
  it('breaches when worse than the margin is proven, passes when the opposite is, else cannot know', () => {
    const worse = run(dropPolicy(0.02), clicking(187)).state;
    expect(worse.verdict).toBe('rolled-back');
    expect(worse.explanation).toMatch(
      /outcome ratio 4.49 %, 10.2 % below the baseline's 5 % \(more than 2 %\), proven at α 0.1 % \(-\S+ % to -\S+ % at every look\)/,
    );
    expect(worse.endedBy!.test!.high!).toBeLessThan(-0.02);
    expect(run(dropPolicy(0.02), clicking(215)).state.verdict).toBe('promoted');
    const equal = run(dropPolicy(0.02, 30 * MINUTE), clicking(208)).state;
    expect(equal.verdict).toBe('paused');
    expect(equal.explanation).toMatch(
      /not proven either way \(.* at every look\) .* \([\d,]+ samples take .* at this rate, or \S+ times the traffic\)/,
    );
    expect(run(dropPolicy(0.2, 30 * MINUTE), clicking(208)).state.verdict).toBe('promoted');
  });

  it('a rise is the mirror of a drop, and a change is both', () => {
    const rising = tested(SEQUENCE, { ...onClicks, bound: rise(0.02) });
    expect(run(oneStage([rising], 120 * MINUTE), clicking(235)).state.verdict).toBe('rolled-back');
    expect(run(oneStage([rising], 120 * MINUTE), clicking(187)).state.verdict).toBe('promoted');
    const change = tested(SEQUENCE, { ...onClicks, bound: { ...drop(0.02), direction: 'either' } });
    for (const outcomes of [187, 235])
      expect(run(oneStage([change], 120 * MINUTE), clicking(outcomes)).state.verdict).toBe('rolled-back');
  });

  it('asks for fifty events in each arm first', () => {
    const guard = tested(SEQUENCE, { ...onClicks, bound: drop(0.02, 'control') });
    const r = run(
      oneStage([guard], 5 * MINUTE),
      minutely(
        () => ({ impressions: 500, outcomes: 20 }),
        () => ({ impressions: 500, outcomes: 45 }),
      ),
    );
    expect(
      verdictsOf(r)
        .map(({ because }) => because)
        .slice(0, 2),
    ).toEqual(['20 of 50 positives', '40 of 50 positives'].map((each) => expect.stringContaining(each)));
    expect(verdictsOf(r)[2]!.because).not.toContain('positives');
  });
});
