import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../config/package-root.ts';
import { loadPolicy } from '../../controller/load-policy.ts';
import { type LoadOptions, loadScenario } from '../../scenarios/load.ts';
import { lognormalOf } from '../../scenarios/lognormal.ts';
import { meanMs, meanRps } from '../../scenarios/mean.ts';
import { scaleSchedule } from '../../scenarios/scale.ts';
import type { Scenario, TimeDistribution } from '../../scenarios/scenario.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-scenarios-'));
afterAll(() => rmSync(home, { recursive: true }));

const ARM = '{ service: { kind: exponential, mean: 1s }, replicas: 8 }';
const ARMS = `arms: { baseline: ${ARM}, candidate: ${ARM} }\n`;

const load = (text: string, options: LoadOptions = {}): Scenario =>
  loadScenario(join(home, 'test.yaml'), { ...options, text }).scenario;

const withTraffic = (traffic: string): Scenario => load(`name: test\ntraffic: ${traffic}\n${ARMS}`);

const withService = (service: string): TimeDistribution =>
  load(`name: test\ntraffic: { requests: 1k, over: 10s }\n${ARMS}`.replace('{ kind: exponential, mean: 1s }', service))
    .arms.baseline.service;

describe('a resolved scenario', () => {
  test('a textbook queue needs few lines: no cache, no content, no faults, no limits', () => {
    const scenario = withTraffic('{ requests: 1M, rate: 0.8/s }');
    expect(scenario).toMatchObject({
      traffic: { requests: 1e6, arrivals: { kind: 'poisson', rateRps: 0.8 }, content: { kind: 'none' }, segments: [] },
      arms: {
        baseline: {
          model: null,
          service: { kind: 'exponential', meanMs: 1000 },
          replicas: 8,
          slotsPerReplica: 1,
          queueLimit: Infinity,
          queueTimeoutMs: Infinity,
          timeoutMs: Infinity,
          errorRatio: 0,
          autoscaler: null,
        },
      },
      features: { latency: null, slots: Infinity, availability: 1, cache: { capacity: 0 } },
      outcomes: { kind: 'none' },
      faults: [],
      truth: { candidate: 'healthy', onsetMs: null, cause: null },
      policy: join(packageRoot, 'policies/seed.yaml'),
      expect: null,
      windowMs: 10_000,
      timeScale: 1,
    });
  });

  test.each([
    ['{ requests: 10M, over: 2h }', 10e6, 10e6 / 7200],
    ['{ requests: 1k, rate: 100/s }', 1000, 100],
    ['{ over: 10s, rate: 100/s, arrivals: regular }', 1000, 100],
  ])('%s is %d requests at %d per second', (traffic, requests, rateRps) => {
    expect(withTraffic(traffic).traffic).toMatchObject({ requests, arrivals: { rateRps } });
  });

  test('modulated arrivals know their own mean rate', () => {
    const { traffic } = withTraffic('{ over: 1h, arrivals: { kind: mmpp, rates: [1/s, 11/s], stays: [90s, 10s] } }');
    expect(traffic.arrivals).toEqual({ kind: 'mmpp', rateRps: [1, 11], switchPerSecond: [1000 / 90_000, 0.1] });
    expect(traffic.requests).toBe(7200);
    const onoff = withTraffic(
      '{ over: 1h, arrivals: { kind: onoff, rate: 10/s, on: { kind: constant, value: 1s }, off: { kind: exponential, mean: 4s } } }',
    );
    expect(onoff.traffic.requests).toBe(7200);
  });

  test('a profile is a list of steps or of points to connect', () => {
    const points = 'points: [{ at: 0, rate: 10/s }, { at: 1m, rate: 20/s }, { at: 1m, rate: 5/s }], period: 2m';
    const segments = (shape: string): unknown =>
      withTraffic(`{ requests: 1k, arrivals: { kind: profile, shape: ${shape}, ${points} } }`).traffic.arrivals;
    expect(segments('step')).toEqual({
      kind: 'profile',
      periodMs: 120_000,
      segments: [
        { startMs: 0, endMs: 60_000, fromRps: 10, toRps: 10 },
        { startMs: 60_000, endMs: 120_000, fromRps: 5, toRps: 5 },
      ],
    });
    expect(segments('linear')).toMatchObject({
      segments: [
        { startMs: 0, endMs: 60_000, fromRps: 10, toRps: 20 },
        { startMs: 60_000, endMs: 120_000, fromRps: 5, toRps: 5 },
      ],
    });
  });

  test("a profile from a file is stretched over the period, at the traffic's mean rate", () => {
    writeFileSync(join(home, 'day.json'), '{"slotMinutes": 60, "relativeRate": [1, 2, 3]}');
    const { arrivals } = withTraffic(
      '{ requests: 600, over: 1m, arrivals: { kind: profile, source: day.json, period: 30s } }',
    ).traffic;
    expect(arrivals).toEqual({
      kind: 'profile',
      periodMs: 30_000,
      segments: [5, 10, 15].map((rps, i) => ({
        startMs: i * 10_000,
        endMs: (i + 1) * 10_000,
        fromRps: rps,
        toRps: rps,
      })),
    });
    expect(arrivals.kind === 'profile' && meanRps(arrivals.segments, arrivals.periodMs)).toBe(10);
  });

  test('files are looked for beside the file that names them, then in the package', () => {
    mkdirSync(join(home, 'sub'), { recursive: true });
    writeFileSync(join(home, 'sub/own.yaml'), 'name: own\n');
    writeFileSync(
      join(home, 'sub/base.yaml'),
      `name: base\npolicy: own.yaml\ntraffic: { requests: 1k, over: 10s }\n${ARMS}`,
    );
    expect(load('extends: sub/base.yaml\n').policy).toBe(join(home, 'sub/own.yaml'));
    expect(load('extends: sub/base.yaml\npolicy: policies/seed.yaml\n').policy).toBe(
      join(packageRoot, 'policies/seed.yaml'),
    );
  });

  test('extends what came with the package, by its path there or its name alone', () => {
    for (const name of ['scenarios/cold-cache.yaml', 'cold-cache.yaml', 'seed-healthy.yaml']) {
      const scenario = load(`extends: ${name}\nname: mine\n`);
      expect(scenario.name).toBe('mine');
      expect(scenario.policy).toBe(join(packageRoot, 'policies/seed.yaml'));
      expect(scenario.faults.length).toBe(name === 'seed-healthy.yaml' ? 0 : 1);
    }
    for (const name of ['policies/quick.yaml', 'quick.yaml'])
      expect(loadPolicy(join(home, 'p.yaml'), `extends: ${name}\nname: mine\n`)).toEqual({
        ...loadPolicy(join(packageRoot, 'policies/quick.yaml')),
        name: 'mine',
      });
    expect(() => load('extends: quick.yaml\n')).toThrow(
      "got 'quick.yaml', expected a file beside this one or in the package",
    );
  });

  test('a small candidate fleet is allowed, with a warning that says what it costs', () => {
    const text = `name: test\ntraffic: { requests: 1k, over: 10s }\n${ARMS.replaceAll('replicas: 8', 'replicas: 2')}`;
    expect(
      loadScenario('small.yaml', { text }).warnings.map(({ line, path, message }) => [line, path, message]),
    ).toEqual([
      [
        3,
        'arms.candidate.replicas',
        "got 2 slots in the candidate's fleet, better 8 or more: a service whose own p95 is 33.5 ms has, on 2 slots, a p95 of " +
          '45 ms at utilisation 0.5, 52.8 ms at utilisation 0.6, 66.4 ms at utilisation 0.7, 94.4 ms at utilisation 0.8, ' +
          'so a healthy candidate may break a latency guard',
      ],
    ]);
    expect(
      loadScenario('fine.yaml', { text: text.replaceAll('replicas: 2', 'replicas: 2, slots: 4') }).warnings,
    ).toEqual([]);
  });
});

describe('distributions', () => {
  test('a lognormal time may be given by any two figures that fix it', () => {
    const wanted = { medianMs: 20 / Math.exp(0.35 ** 2 / 2), sigma: 0.35 };
    const p95 = wanted.medianMs * Math.exp(1.6448536269514722 * 0.35);
    const same = [
      { mean: 20, sigma: 0.35 },
      { mean: 20, cv2: Math.expm1(0.35 ** 2) },
      { mean: 20, p95 },
      { median: wanted.medianMs, sigma: 0.35 },
      { median: wanted.medianMs, cv2: Math.expm1(0.35 ** 2) },
      { median: wanted.medianMs, p95 },
    ].map(lognormalOf);
    for (const found of same) {
      if (typeof found === 'string') throw new Error(found);
      expect(found.medianMs).toBeCloseTo(wanted.medianMs, 9);
      expect(found.sigma).toBeCloseTo(wanted.sigma, 9);
    }
  });

  test('mean and p95 come back from what they were turned into', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1000, noNaN: true }),
        fc.double({ min: 1.001, max: 3.86, noNaN: true }),
        (mean, ratio) => {
          const found = lognormalOf({ mean, p95: mean * ratio });
          if (typeof found === 'string') throw new Error(found);
          expect(found.medianMs * Math.exp(found.sigma ** 2 / 2)).toBeCloseTo(mean, 6);
          expect((found.medianMs * Math.exp(1.6448536269514722 * found.sigma)) / mean).toBeCloseTo(ratio, 6);
        },
      ),
    );
  });

  test.each([
    ['{ kind: constant, value: 5ms }', 5],
    ['{ kind: exponential, mean: 5ms }', 5],
    ['{ kind: erlang, stages: 3, mean: 5ms }', 5],
    ['{ kind: hyperexponential, mean: 5ms, cv2: 4 }', 5],
    ['{ kind: uniform, low: 2ms, high: 8ms }', 5],
    ['{ kind: lognormal, mean: 5ms, sigma: 1 }', 5],
    ['{ kind: empirical, quantiles: [[0, 0], [50%, 4ms], [1, 12ms]] }', 5],
    [
      '{ kind: mixture, parts: [{ weight: 90%, of: { kind: constant, value: 5ms } }, { weight: 0.1, of: { kind: exponential, mean: 5ms } }] }',
      5,
    ],
  ])('%s has mean %d', (text, mean) => expect(meanMs(withService(text))).toBeCloseTo(mean, 9));
});

describe('the hash', () => {
  const text = `name: test\ntraffic: { requests: 1k, over: 10s }\n${ARMS}`;

  test('is of what the file means, not of how it is written or where it lies', () => {
    const { hash } = load(text);
    expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(load(`# a comment\n${ARMS}traffic: { over: 10000ms, requests: 1_000 }\nname: test\n`).hash).toBe(hash);
    expect(loadScenario('elsewhere.yaml', { text }).scenario.hash).toBe(hash);
    expect(load(`${text}window: 20s\n`).hash).not.toBe(hash);
    expect(load(text, { seed: 2 }).hash).not.toBe(hash);
    expect(load(text, { requests: 500 }).hash).not.toBe(hash);
  });
});

describe('a compressed schedule', () => {
  const full = load(`
name: test
traffic: { requests: 10M, arrivals: { kind: profile, period: 24h, points: [{ at: 0, rate: 1000/s }, { at: 12h, rate: 500/s }] } }
${ARMS.replaceAll('replicas: 8', 'replicas: 8, startUp: 30s, autoscaler: { min: 1, max: 9 }')}
features: { latency: { kind: constant, value: 4ms }, cache: { capacity: 5k, ttl: 10m } }
outcomes: { kind: bernoulli, baseline: 5%, candidate: 5%, labelDelay: 5m }
faults:
  - { kind: cold-cache, at: { on: weight-change, after: 1m } }
  - { kind: error-burst, at: 1h, for: 10m, size: 1% }
  - { kind: feature-delay, at: { on: stage, stage: canary, after: 20m }, for: infinite, size: 5 }
truth: { candidate: regressed, onset: 1h }
expect: { verdict: rolled-back, within: 30m }
window: 10s
limit: 10h
`);

  test('divides what says when, and keeps what happens to a request', () => {
    const scaled = scaleSchedule(full, 20);
    expect(scaled).toMatchObject({
      traffic: {
        requests: 500_000,
        arrivals: {
          periodMs: 24 * 180_000,
          segments: [
            { startMs: 0, endMs: 12 * 180_000, fromRps: 1000 },
            { startMs: 12 * 180_000, endMs: 24 * 180_000, fromRps: 500 },
          ],
        },
      },
      outcomes: { labelDelayMs: 15_000 },
      faults: [
        { trigger: { afterMs: 3000 }, forMs: 0 },
        { trigger: { atMs: 180_000 }, forMs: 30_000 },
        { trigger: { afterMs: 60_000 }, forMs: Infinity },
      ],
      truth: { onsetMs: 180_000 },
      expect: { withinMs: 90_000 },
      windowMs: 500,
      limitMs: 1_800_000,
      timeScale: 20,
    });
    expect(scaled.arms).toEqual(full.arms);
    expect(scaled.features).toEqual(full.features);
  });

  test('by one changes nothing, and two factors are their product', () => {
    expect(scaleSchedule(full, 1)).toEqual(full);
    expect(scaleSchedule(scaleSchedule(full, 4), 5)).toEqual(scaleSchedule(full, 20));
    expect(() => scaleSchedule(full, 0)).toThrow(RangeError);
  });

  test('a number of requests sets the factor, and the factor the number of requests', () => {
    const text = `name: test\ntraffic: { requests: 10M, over: 2h }\n${ARMS}`;
    expect(load(text, { requests: 500_000 })).toMatchObject({
      timeScale: 20,
      windowMs: 500,
      traffic: { requests: 500_000 },
    });
    expect(load(text, { timeScale: 20 })).toEqual(load(text, { requests: 500_000 }));
    expect(() => load(text, { requests: 5, timeScale: 2 })).toThrow('expected one: each sets the other');
    expect(load(text, { timeScale: 0.05 }).traffic.requests).toBe(200e6);
    expect(() => load(text, { timeScale: 0.049 })).toThrow(
      "got a time scale of 0.049, expected at least 0.05: it would take more than twenty times the scenario's requests",
    );
    expect(() => load(text, { requests: 200e6 + 1 })).toThrow(
      "got 200000001 requests, expected at most 200000000: it would take more than twenty times the scenario's requests",
    );
    expect(load(text, { requests: 200e6 }).timeScale).toBe(0.05);
    expect(() => load(text, { requests: 0 })).toThrow('got 0 requests, expected at least 1');
    expect(() => load(text, { timeScale: Number.NaN })).toThrow('got a time scale of NaN, expected one above 0');
  });
});

test('a traffic spike on a trace is refused with its place, since a recording keeps its rate', () => {
  writeFileSync(join(home, 'some.parquet'), '');
  const text = `name: test
traffic: { requests: 1k, arrivals: { kind: trace, file: some.parquet } }
${ARMS}faults:
  - { kind: traffic-spike, at: 1m, for: 1m, size: 2 }
`;
  expect(() => load(text)).toThrow(
    /:5:\d+ faults\.0\.kind: got 'traffic-spike', expected another fault: a trace keeps its recorded rate/,
  );
});
