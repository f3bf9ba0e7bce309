/** A zod schema as the JSON Schema that editors use to complete and check a YAML file while it is written. */
import { z } from 'zod';

type Json = Record<string, unknown>;

/**
 * The text of a schema file: draft-07, because editors' YAML servers read nothing newer. Any document may `extends` another
 * and leave the rest out, so that only a map's `kind` (or `on`) is required here; the loader checks the whole.
 */
export function jsonSchemaText(schema: z.ZodType, title: string): string {
  const generated = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => relax(jsonSchema as Json),
  });
  const { $schema, properties, ...rest } = generated as Json & { properties?: Json };
  const base = { type: 'string', description: 'file that this one only states the differences to, relative to it' };
  const document = { $schema, title, ...rest, properties: { extends: base, ...properties } };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Removes what an extending document may leave out. */
function relax(json: Json): void {
  if (!Array.isArray(json['required'])) return;
  const required = json['required'].filter((name) => name === 'kind' || name === 'on');
  if (required.length > 0) json['required'] = required;
  else delete json['required'];
}
