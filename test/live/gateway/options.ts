import { type GatewayOptions, HEALTH } from '../../../live/gateway/options.ts';
import { hashText } from '../../../split.ts';

export const SEED = 7;
export const SALT: number = hashText(`${SEED}/split`);

export const OPTIONS: GatewayOptions = {
  seed: SEED,
  salt: SALT,
  arms: {
    baseline: { balancer: 'power-of-two', timeoutMs: 5000 },
    candidate: { balancer: 'power-of-two', timeoutMs: 5000 },
  },
  windowMs: 200,
  thresholds: [{ thresholdMs: 50, operator: '>=' }],
  scoreGrid: { low: 0, high: 10, bins: 10 },
  segments: [],
  segmentOfRow: null,
  labels: { kind: 'none' },
  labelDelayMs: 0,
  shadowTolerance: { absolute: 0.1, relative: 0 },
  mirrorInFlightLimit: 64,
  health: HEALTH,
  samplesFile: null,
};
