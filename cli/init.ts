import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileIssue, refuse } from '../config/issues.ts';
import { packageRoot } from '../config/package-root.ts';
import { writeFileAtomic } from '../storage/files.ts';
import { version } from '../version.ts';
import { starterFiles } from './starter.ts';

/** Starts a project in `folder`. Throws BadInput, before anything is written, when one of its files is there already. */
export async function initCommand(folder: string, options: { json?: boolean }): Promise<void> {
  const files = starterFiles(version, { scenario: schema('scenario'), policy: schema('policy') });
  const paths = Object.keys(files).map((name) => join(folder, name));
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
    refuse([fileIssue(folder, 'got a file, expected a folder or a new name')]);
  refuse(paths.filter((path) => existsSync(path)).map((path) => fileIssue(path, 'got a file, expected none yet')));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileAtomic(join(folder, name), text);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, files: paths }, null, 2)}\n`);
    return;
  }
  const go = folder === '.' ? '' : `cd ${folder} && `;
  process.stdout.write(`${paths.join('\n')}\n\nNext: ${go}coalmine rehearse rollout.yaml\n`);
}

const schema = (name: string): string => readFileSync(join(packageRoot, 'schemas', `${name}.schema.json`), 'utf8');
