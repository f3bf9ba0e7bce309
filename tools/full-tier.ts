/**
 * Runs what has a larger size: the queueing suite (twenty million requests a row), sweeps that are killed twenty times, and twenty times the rollouts
 * behind the cells of published tables: `npm run test:full`.
 */
import { spawnSync } from 'node:child_process';

const env = { ...process.env, COALMINE_TIER: 'full' };
process.exitCode =
  spawnSync('vitest', ['run', 'test/theory', 'test/tuning', 'test/controller/tables', '--testTimeout=3600000'], {
    env,
    stdio: 'inherit',
  }).status ?? 1;
