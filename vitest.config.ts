import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Where the continuous integration wants the results as JSON. */
const results = process.env.COALMINE_RESULTS;

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});
export default config;
