/** Node's own parser (llhttp) as a second opinion: a request that is taken here is the same request there. */
import * as fc from 'fast-check';
import { createServer, METHODS } from 'node:http';
import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { type Read, readInPieces } from './messages.ts';

/** The requests that Node's server reads from these bytes, if they are so many; it may take a few turns of the event loop. */
async function readByNode(bytes: Buffer, count: number): Promise<Omit<Read, 'kept'>[]> {
  const messages: Omit<Read, 'kept'>[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      messages.push({ method: request.method!, path: request.url!, body: Buffer.concat(chunks).toString('latin1') });
      response.end();
    });
  });
  const [ours, theirs] = duplexPair();
  server.emit('connection', theirs);
  ours.resume();
  ours.write(bytes);
  for (let turn = 0; turn < 50 && messages.length < count; turn++)
    await new Promise((resolve) => setImmediate(resolve));
  ours.destroy();
  theirs.destroy();
  return messages;
}

const PIECES = [
  'POST /infer HTTP/1.1\r\nhost: x\r\n',
  'GET / HTTP/1.1\r\nhost: x\r\n',
  'POST /infer HTTP/1.0\r\n',
  'content-length: 5\r\n',
  'content-length: 0\r\n',
  'Content-Length : 5\r\n',
  'transfer-encoding: chunked\r\n',
  'transfer-encoding: chunked, identity\r\n',
  'x-a: 1\r\n',
  'x-a: 1\r\n folded\r\n',
  'connection: close\r\n',
  '\r\n',
  '\r\n',
  'hello',
  '5\r\nhello\r\n',
  '0\r\n\r\n',
  '0\r\nx-t: 1\r\n\r\n',
  '\n',
  '\r',
  ' ',
  ':',
  '\0',
];
/** Requests that may well be sound … */
const sound = fc.record({
  line: fc.constantFrom(PIECES[0]!, PIECES[1]!),
  fields: fc.array(fc.constantFrom('x-a: 1\r\n', 'x-b:\t2 \r\n', 'x-c:\r\n'), { maxLength: 3 }),
  body: fc.constantFrom(
    '\r\n',
    'content-length: 5\r\n\r\nhello',
    'content-length: 0\r\n\r\n',
    'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nx-t: 1\r\n\r\n',
  ),
});
/** … with some bytes and pieces put in, or taken away. */
const damage = fc.array(
  fc.record({ at: fc.nat(400), cut: fc.integer({ min: 0, max: 3 }), put: fc.constantFrom('', ...PIECES) }),
  { maxLength: 2 },
);

test('whatever is taken here, Node takes too, and reads the same', async () => {
  let taken = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(sound, { minLength: 1, maxLength: 3 }), damage, async (requests, wounds) => {
      let text = requests.map(({ line, fields, body }) => line + fields.join('') + body).join('');
      for (const { at, cut, put } of wounds) text = text.slice(0, at) + put + text.slice(at + cut);
      const bytes = Buffer.from(text, 'latin1');
      const { messages, refusal, consumed } = readInPieces(bytes, []);
      // Here a method that nobody knows is 405, there 400.
      if (!messages.every(({ method }) => METHODS.includes(method))) return;
      taken += messages.length;
      if (refusal !== null) refused++;
      // Up to the same byte: a longer or shorter message there would be another one.
      const theirs = await readByNode(bytes.subarray(0, consumed), messages.length);
      expect(theirs).toEqual(messages.map(({ method, path, body }) => ({ method, path, body })));
    }),
    { numRuns: 1500 },
  );
  // Both kinds were really there.
  expect(taken).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(300);
});
