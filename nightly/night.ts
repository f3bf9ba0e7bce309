/** What is kept of a night: every rehearsal's verdict and figures, and where and by what code they were made. */
import { hashOf } from '../config/hash.ts';
import type { Host } from '../host.ts';
import type { Classification, Outcome } from '../outcome.ts';
import { FIGURES } from './figures.ts';

/**
 * Whether a rehearsal ended as its scenario expects; where nothing is expected: as the truth demands. `undecided`: it paused, and was not
 * meant to.
 */
export type End = (typeof ENDS)[number];

/** Best first. */
export const ENDS = ['right', 'undecided', 'wrong'] as const;

export interface NightRun {
  readonly rehearsal: string;
  readonly seed: number;
  /** Equal keys: the same rehearsal in all that was asked for; see `Rehearsal.key`. */
  readonly key: string;
  readonly isLive: boolean;
  readonly verdict: Outcome['verdict'];
  readonly guard: string | null;
  readonly end: End;
  /** Its scenario states what is to come out, and something else did. */
  readonly isUnexpected: boolean;
  /** A live run that proves nothing. */
  readonly isInvalid: boolean;
  readonly digest: string;
  /** By name; null where the rehearsal had no such thing. */
  readonly figures: Readonly<Record<string, number | null>>;
}

export interface Night {
  /** YYYY-MM-DD, by the clock of the machine (UTC). */
  readonly date: string;
  readonly startedAtMs: number;
  readonly suite: { readonly name: string; readonly hash: string };
  readonly coalmine: string;
  /** Hash of the code that rehearsed. */
  readonly code: string;
  /** Figures from the wall clock are compared on the same machine alone. */
  readonly host: Host;
  /** Somebody has said that this is how it shall be: nights before it are not compared with any more. */
  readonly isAccepted: boolean;
  readonly runs: readonly NightRun[];
}

const BY_CLASS: Readonly<Record<Classification, End>> = {
  'true-promotion': 'right',
  'true-rollback': 'right',
  inconclusive: 'undecided',
  'false-rollback': 'wrong',
  'missed-regression': 'wrong',
};

function endOf({ expectation, verdict, classification }: Outcome): End {
  if (expectation === null) return BY_CLASS[classification];
  return expectation.met ? 'right' : verdict === 'paused' ? 'undecided' : 'wrong';
}

export function runOf(outcome: Outcome, { rehearsal, key }: Pick<NightRun, 'rehearsal' | 'key'>): NightRun {
  const { seed, world, verdict, guard, expectation, digest, live } = outcome;
  return {
    rehearsal,
    seed,
    // What was measured under another load, or with another feature store, is something else.
    key: live === undefined ? key : hashOf([key, live.load.generator, live.features]),
    isLive: world === 'live',
    verdict,
    guard: guard?.name ?? null,
    end: endOf(outcome),
    isUnexpected: expectation?.met === false,
    isInvalid: live?.valid === false,
    digest,
    figures: Object.fromEntries(FIGURES.map(({ name, of }) => [name, of(outcome)])),
  };
}
