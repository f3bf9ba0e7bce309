import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { SlowFirst } from './test/slow-first.ts';

/** Where the continuous integration wants the results as JSON. */
const results = process.env.COALMINE_RESULTS;

/** Rooms whose tests call functions and look at what comes back: no process, port or browser that could outlive a file. */
const ROOMS = [
  'comparison',
  'config',
  'controller',
  'invariants',
  'laws',
  'reports',
  'scenarios',
  'sim',
  'statistics',
  'storage',
  'telemetry',
  'what-if',
];
const FUNCTIONS = ROOMS.map((room) => `test/${room}/**/!(browser).test.ts`);

/** Replaces a module of ours by a faulty one, which only the runner's own way of loading can. */
const MOCKED = 'test/theory/controls-engine.test.ts';

const config: ViteUserConfig = defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Half of what some files take is waiting for wall time, which leaves room for a third on two cores.
    maxWorkers: 3,
    sequence: { sequencer: SlowFirst },
    // Node reads TypeScript itself, as it does for users: nothing is transformed.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
    projects: [
      // A process per file.
      { extends: true, test: { name: 'processes', include: ['test/**/*.test.ts'], exclude: [...FUNCTIONS, MOCKED] } },
      { extends: true, test: { name: 'mocked', include: [MOCKED], experimental: { viteModuleRunner: true } } },
      // Files share a process, and modules that are loaded once.
      { extends: true, test: { name: 'functions', include: FUNCTIONS, isolate: false } },
    ],
  },
});
export default config;
