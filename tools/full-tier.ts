/** Runs the queueing suite at its full size (twenty million requests a row): `npm run test:full`. */
import { spawnSync } from 'node:child_process';

const env = { ...process.env, COALMINE_TIER: 'full' };
process.exitCode =
  spawnSync('vitest', ['run', 'test/theory', '--testTimeout=3600000'], { env, stdio: 'inherit' }).status ?? 1;
