/** A small world of three cities whose requests carry contents and scores made here, so that no model runs. */
import type { Scenario } from '../../scenarios/scenario.ts';
import type { ScoredContent } from '../../sim/answers.ts';
import { scenarioOf } from './support.ts';

export const CITIES = ['ATL', 'LAX', 'PHX'] as const;
const ROWS = 3000;

const until = async (): Promise<void> => undefined;
const filled = (value: number): Float32Array => new Float32Array(ROWS).fill(value);

/** Row i belongs to city i mod 3; the baseline says 100, the candidate 101, and without features both say 90. */
export const contentOfCities = (): ScoredContent => ({
  content: {
    rows: ROWS,
    segments: Uint8Array.from({ length: ROWS }, (_, i) => i % CITIES.length),
    segmentNames: CITIES,
    actual: filled(100),
    scoreName: 'minutes',
  },
  scores: [
    { model: 'baseline', values: filled(100), withoutFeatures: filled(90), lists: null, until },
    { model: 'candidate', values: filled(101), withoutFeatures: filled(90), lists: null, until },
  ],
});

/** 300 requests per second, 10 ms each. */
export function citiesOf(changes: Partial<Scenario> = {}, features = '{}'): Scenario {
  const traffic = '{ requests: 100k, rate: 300/s, keys: { count: 50 }, users: 100k }';
  const plain = scenarioOf({ traffic, features, arm: 'replicas: 8, slots: 2' });
  return { ...plain, traffic: { ...plain.traffic, segments: CITIES }, ...changes };
}
