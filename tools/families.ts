/** The shipped scenarios by what they are about, in the order of docs/scenarios.md. */
export interface Family {
  readonly title: string;
  readonly scenarios: readonly string[];
}

export const FAMILIES: readonly Family[] = [
  {
    title: 'The default rollout',
    scenarios: [
      'seed-healthy',
      'cold-cache',
      'small-fleet',
      'autoscaling-lag',
      'feature-brownout',
      'no-traffic',
      'slow-tail',
      'error-creep',
      'ctr-drop',
      'score-skew',
      'unit-bug',
      'schema-break',
    ],
  },
  { title: 'Shadow', scenarios: ['shadow-int8', 'shadow-skew', 'shadow-missing', 'shadow-tail', 'shadow-store'] },
  { title: 'City by city', scenarios: ['uber-eta', 'uber-eta-phx', 'uber-eta-dfw', 'uber-eta-skewed'] },
  {
    title: 'Personalisation in shadow',
    scenarios: ['netflix-shadow', 'netflix-equal', 'netflix-popular', 'netflix-broken'],
  },
  {
    title: 'A ranking rollout',
    scenarios: [
      'google-ranking',
      'google-success-drop-2',
      'google-success-drop-5',
      'google-slower-success',
      'google-peeking',
    ],
  },
  {
    title: 'What a rollback needs',
    scenarios: ['rollback-warm', 'rollback-cold', 'rollback-unloaded', 'rollback-migrated'],
  },
  {
    title: 'Traps',
    scenarios: [
      'tail-999',
      'restart-cold-cache',
      'restart-slow-tail',
      'diurnal-before-after',
      'diurnal-slow',
      'bimodal-replicas',
      'retry-storm',
      'retry-budget',
      'late-labels',
      'canary-too-small',
      'heavy-users',
      'heavy-users-drop',
    ],
  },
  { title: 'Sized for real servers', scenarios: ['live-healthy', 'live-slow-tail', 'live-million'] },
];
