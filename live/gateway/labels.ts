import { hashText } from '../../split.ts';
import { uniformOf } from './faults.ts';
import { type GatewayOptions, CANDIDATE } from './options.ts';

/** The label of an answer that a user saw: true, false, or null when there is none. */
export type Labeller = (arm: number, number: number, row: number, score: number | null) => boolean | null;

/** Labels as the options say. A label depends on seed, arm and request alone, never on the order of answers. */
export function labellerOf({ labels, seed }: Pick<GatewayOptions, 'labels' | 'seed'>): Labeller {
  if (labels.kind === 'none') return () => null;
  if (labels.kind === 'bernoulli') {
    const salt = hashText(`${seed}/outcomes`);
    return (arm, number) => uniformOf(number, salt) < (arm === CANDIDATE ? labels.candidate : labels.baseline);
  }
  const { actual, tolerance } = labels;
  return (_arm, _number, row, score) => {
    if (score === null || row < 0 || row >= actual.length) return null;
    const error = score - actual[row]!;
    return error <= tolerance && error >= -tolerance;
  };
}
