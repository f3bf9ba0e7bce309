import { expect, test } from 'vitest';
import { bodyOf, headersOf } from '../../../live/load/request.ts';
import { NO_CONTENT } from '../../../live/load/row.ts';

const row = { offsetUs: 5, key: 17, user: 99, content: 1234 };

test('a request names its content row and its entity in the Open Inference Protocol, and its number as the id', () => {
  expect(JSON.parse(bodyOf(42, row))).toEqual({
    id: '42',
    inputs: [
      { name: 'row', datatype: 'INT32', shape: [1], data: [1234] },
      { name: 'entity', datatype: 'INT32', shape: [1], data: [17] },
    ],
  });
});

test('what the gateway routes by stands in headers', () => {
  const flat = headersOf(42, row);
  const headers = Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]));
  expect(headers).toEqual({
    'content-type': 'application/json',
    'x-coalmine-request': '42',
    'x-coalmine-user': '99',
    'x-coalmine-row': '1234',
  });
});

test('a request without content asks for row 0', () => {
  const without = { ...row, content: NO_CONTENT };
  expect(headersOf(1, without).at(-1)).toBe('0');
  expect(bodyOf(1, without)).toContain('"data":[0]');
});
