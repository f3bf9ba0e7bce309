import { setupK6 } from '../live/load/setup-k6.ts';

/** Finds k6 or builds it; ends with 4 when neither is possible. */
export async function setupK6Command(options: { json?: boolean }): Promise<void> {
  const k6 = await setupK6((text) => void process.stderr.write(`${text}\n`));
  const text =
    options.json === true ? JSON.stringify({ schemaVersion: 1, ...k6 }, null, 2) : `k6 ${k6.version}: ${k6.path}`;
  process.stdout.write(`${text}\n`);
}
