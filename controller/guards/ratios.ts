/** Metrics that are events out of samples. */
import type { Metric } from '../policy.ts';
import type { Tally } from '../tally.ts';

export interface Count {
  readonly events: number;
  readonly samples: number;
}

/** The counts behind a ratio metric; null for a metric that is a quantile. */
export function countOf(metric: Metric, tally: Tally): Count | null {
  switch (metric.kind) {
    case 'error-ratio':
      return { events: tally.errors, samples: tally.requests };
    case 'outcome-ratio':
      return { events: tally.outcomes, samples: tally.impressions };
    case 'young-outcome-ratio':
      return { events: tally.outcomes, samples: tally.arrived - tally.arrivedMirrored };
    case 'mismatch-ratio':
      return { events: tally.mismatches, samples: tally.compared };
    case 'features-missing-ratio':
      return { events: tally.featuresMissing, samples: tally.requests };
    default:
      return null;
  }
}

/** events/samples; null when there is no sample, since 0/0 is not 0. */
export const ratioOf = ({ events, samples }: Count): number | null => (samples === 0 ? null : events / samples);
