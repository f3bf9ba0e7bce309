import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GATEWAY_ARMS, gatewayOptionsOf } from '../../../live/gateway/options.ts';
import type { Content } from '../../../models/content.ts';
import { packageRoot } from '../../../scenarios/files.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import { hashText } from '../../../split.ts';
import { ALL_SEGMENTS, type WindowHeader } from '../../../telemetry/window.ts';

const content: Content = {
  rows: 2,
  segments: Uint8Array.of(1, 0),
  segmentNames: ['a', 'b'],
  actual: Float32Array.of(1, 2),
  scoreName: 'a score',
};

test("a scenario's gateway splits, times out, labels and compares as its simulator does", () => {
  const { scenario } = loadScenario(join(packageRoot, 'scenarios/slow-tail.yaml'));
  const header: WindowHeader = {
    windowMs: scenario.windowMs,
    arms: GATEWAY_ARMS,
    segments: [ALL_SEGMENTS, 'a', 'b'],
    thresholds: [{ thresholdMs: 50, operator: '>=' }],
    scoreGrid: { low: 0, high: 10, bins: 10 },
  };
  const options = gatewayOptionsOf(scenario, header, content);
  expect(options).toMatchObject({
    salt: hashText(`${scenario.seed}/split`),
    windowMs: scenario.windowMs,
    segments: ['a', 'b'],
    segmentOfRow: content.segments,
    shadowTolerance: scenario.shadowTolerance,
  });
  for (const arm of GATEWAY_ARMS) {
    const { balancer, timeoutMs } = scenario.arms[arm];
    expect(options.arms[arm]).toEqual({ balancer, timeoutMs });
  }
  expect(scenario.outcomes.kind).toBe('acceptance');
  expect(options.labels).toMatchObject({ kind: 'acceptance', actual: content.actual });
  const synthetic = {
    ...scenario,
    outcomes: { kind: 'bernoulli', baseline: 0.1, candidate: 0.2, labelDelayMs: 7 },
  } as const;
  const whole = { ...header, segments: [ALL_SEGMENTS] };
  expect(gatewayOptionsOf(synthetic, whole, null)).toMatchObject({
    segments: [],
    segmentOfRow: null,
    labels: { kind: 'bernoulli', baseline: 0.1, candidate: 0.2 },
    labelDelayMs: 7,
  });
});
