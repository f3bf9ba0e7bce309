/** The built-in load generator as a process of its own, so that its event loop serves nothing else. Forked by `startLoad`. */
import { histogramsReady } from '../../../telemetry/histogram.ts';
import { Generator } from './generator.ts';
import type { FromGenerator, ToGenerator } from './messages.ts';

const PROGRESS_EVERY_MS = 1000;

const tell = (message: FromGenerator, then?: () => void): void => {
  process.send!(message, undefined, undefined, () => then?.());
};

let generator: Generator | null = null;
let stopped = false;

async function run({ plan, limits }: Extract<ToGenerator, { kind: 'start' }>): Promise<void> {
  await histogramsReady();
  const running = new Generator(plan);
  generator = running;
  if (stopped) running.stop();
  const progress = setInterval(() => {
    const { user, system } = process.cpuUsage();
    tell({ kind: 'progress', counts: running.counts, cpuMs: (user + system) / 1000 });
  }, PROGRESS_EVERY_MS);
  const report = await running.run(limits);
  clearInterval(progress);
  tell({ kind: 'report', report }, () => process.exit(0));
}

process.on('message', (message: ToGenerator) => {
  if (message.kind === 'stop') {
    stopped = true;
    generator?.stop();
  } else
    run(message).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    });
});
// Also when the parent was killed: nobody is left to load for.
process.on('disconnect', () => process.exit(0));
