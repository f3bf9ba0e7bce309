/** The published JSON Schemas: `node tools/publish-schemas.ts --write` brings schemas/ up to date; a test says when they are not. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemaText } from '../config/json-schema.ts';
import { policySchema } from '../controller/policy-schema.ts';
import { suiteSchema } from '../nightly/suite-schema.ts';
import { packageRoot } from '../scenarios/files.ts';
import { scenarioSchema } from '../scenarios/schema/scenario.ts';
import { writeFileAtomic } from '../storage/files.ts';

/** Text of every published schema, by its path inside the package. */
export const publishedSchemas = (): Readonly<Record<string, string>> => ({
  'schemas/scenario.schema.json': jsonSchemaText(scenarioSchema, 'Coalmine scenario'),
  'schemas/policy.schema.json': jsonSchemaText(policySchema, 'Coalmine policy'),
  'schemas/suite.schema.json': jsonSchemaText(suiteSchema, 'Coalmine suite'),
});

/** The published files that differ from their schema. */
export const staleSchemas = (): string[] =>
  Object.entries(publishedSchemas()).flatMap(([path, text]) => {
    const file = join(packageRoot, path);
    return existsSync(file) && readFileSync(file, 'utf8') === text ? [] : [path];
  });

if (import.meta.main) {
  const write = process.argv.includes('--write');
  const stale = staleSchemas();
  for (const path of stale) {
    if (write) writeFileAtomic(join(packageRoot, path), publishedSchemas()[path]!);
    process.stdout.write(`${path}: ${write ? 'written' : 'out of date: run node tools/publish-schemas.ts --write'}\n`);
  }
  process.exitCode = stale.length > 0 && !write ? 1 : 0;
}
