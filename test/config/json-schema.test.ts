import { expect, test } from 'vitest';
import { z } from 'zod';
import { duration } from '../../config/fields.ts';
import { jsonSchemaText } from '../../config/json-schema.ts';

test('a published schema knows units and kinds, and lets a document that extends another leave the rest out', () => {
  const schema = z.strictObject({
    name: z.string().describe('what it is called'),
    shape: z.strictObject({ kind: z.literal('circle'), radius: z.number() }),
    hold: duration.describe('how long'),
  });
  const published = JSON.parse(jsonSchemaText(schema, 'Thing')) as Record<string, unknown>;
  expect(published).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Thing',
    additionalProperties: false,
    properties: {
      extends: { type: 'string' },
      name: { type: 'string', description: 'what it is called' },
      shape: { required: ['kind'] },
      hold: { description: 'how long' },
    },
  });
  expect(published['required']).toBeUndefined();
  const { hold } = published['properties'] as { hold: { anyOf: [{ pattern: string }] } };
  expect(['30m', '1h30m', '0.5s', '0'].map((text) => new RegExp(hold.anyOf[0].pattern).test(text))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['30', '30 m', 'soon'].map((text) => new RegExp(hold.anyOf[0].pattern).test(text))).toEqual([
    false,
    false,
    false,
  ]);
});
