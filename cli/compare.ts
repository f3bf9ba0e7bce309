import { join, relative, resolve } from 'node:path';
import { BadInput, fileIssue } from '../config/issues.ts';
import { StagedDirectory, writeFileAtomic } from '../storage/files.ts';
import { version } from '../version.ts';
import { EXIT } from './exit.ts';

interface Options {
  readonly out?: string;
  readonly json?: boolean;
}

/** Names in the directory of a comparison. */
const COMPARISON = 'comparison.json';
const MANIFEST = 'manifest.json';

export async function compareCommand(simRun: string, liveRun: string, options: Options): Promise<void> {
  // Charts and histograms take a while to import: not for somebody who asks for help.
  const [{ compareDirectories }, { writeComparison }, { comparisonSummary }] = await Promise.all([
    import('../compare.ts'),
    import('../reports/comparison/report.ts'),
    import('../reports/comparison/summary.ts'),
  ]);
  const comparison = await compareDirectories(simRun, liveRun);
  const out = resolve(options.out ?? join('runs', `compare-${comparison.scenario.name}-${comparison.seed}`));
  if (out === process.cwd())
    throw new BadInput([fileIssue(out, 'got the working directory, expected one inside or beside it')]);
  const staged = StagedDirectory.open(out, { replace: options.out === undefined });
  try {
    const text = `${JSON.stringify(comparison, null, 2)}\n`;
    writeFileAtomic(join(staged.path, COMPARISON), text);
    const manifest = { schemaVersion: 1, kind: 'comparison', coalmine: version, node: process.version };
    writeFileAtomic(join(staged.path, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await writeComparison(comparison, staged.path);
    staged.commit();
    if (options.json === true) process.stdout.write(text);
  } finally {
    staged.abort();
  }
  const stream = options.json === true ? process.stderr : process.stdout;
  stream.write(`${comparisonSummary(comparison, stream)}\n  report     ${relative('', join(out, 'report.html'))}\n`);
  const { verdict, inconclusive } = comparison.agreement;
  process.exitCode = !verdict ? EXIT.different : inconclusive === null ? EXIT.ok : EXIT.inconclusive;
}
