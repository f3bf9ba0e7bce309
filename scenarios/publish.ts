/**
 * The published JSON Schemas: `node scenarios/publish.ts --write` brings schemas/ up to date; without --write it only says
 * whether they are. A test does the same.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemaText } from '../config/json-schema.ts';
import { writeFileAtomic } from '../storage/files.ts';
import { packageRoot } from './files.ts';
import { scenarioSchema } from './schema/scenario.ts';

/** Text of every schema this room publishes, by path inside the package. */
export const publishedSchemas = (): Readonly<Record<string, string>> => ({
  'schemas/scenario.schema.json': jsonSchemaText(scenarioSchema, 'Coalmine scenario'),
});

/** The published files that differ from their schema, brought up to date when `write` is true. */
export function publish(schemas: Readonly<Record<string, string>>, write: boolean): string[] {
  const stale = Object.keys(schemas).filter((path) => {
    const file = join(packageRoot, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== schemas[path];
  });
  if (write) for (const path of stale) writeFileAtomic(join(packageRoot, path), schemas[path] ?? '');
  return stale;
}

if (import.meta.main) {
  const write = process.argv.includes('--write');
  const stale = publish(publishedSchemas(), write);
  for (const path of stale)
    process.stdout.write(`${path}: ${write ? 'written' : 'out of date; run node scenarios/publish.ts --write'}\n`);
  process.exitCode = stale.length > 0 && !write ? 1 : 0;
}
