/**
 * Finds k6, or builds it with Go: `npm run setup:k6`. Never fails: where neither is at hand it says so loudly, and the tests
 * that need k6 say that they do not run.
 */
import { MissingK6 } from '../live/load/find-k6.ts';
import { setupK6 } from '../live/load/setup-k6.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
try {
  const { path, version } = await setupK6(say);
  say(`k6 ${version}: ${path}`);
} catch (error) {
  if (!(error instanceof MissingK6)) throw error;
  const line = '*'.repeat(80);
  say(`${line}\nNOT TESTED: the load by k6. ${error.message}\n${line}`);
}
