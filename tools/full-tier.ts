/** Runs what has a larger size: the queueing suite (twenty million requests a row), and sweeps that are killed twenty times: `npm run test:full`. */
import { spawnSync } from 'node:child_process';

const env = { ...process.env, COALMINE_TIER: 'full' };
process.exitCode =
  spawnSync('vitest', ['run', 'test/theory', 'test/tuning', '--testTimeout=3600000'], { env, stdio: 'inherit' })
    .status ?? 1;
