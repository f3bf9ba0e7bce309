import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HEAD_LIMIT } from '../../../../live/gateway/wire/chunks.ts';
import { Log, type Read, readInPieces } from './messages.ts';

const withLength = (body: string): string =>
  `POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\nx-b: c\r\n\r\n${body}`;
const withChunks = (sizes: readonly number[], trailers = ''): string => {
  const chunks = sizes.filter((size) => size > 0).map((size) => `${size.toString(16)}\r\n${'z'.repeat(size)}\r\n`);
  return `POST /c HTTP/1.1\r\nhost: x\r\nTransfer-Encoding: Chunked\r\n\r\n${chunks.join('')}0\r\n${trailers}\r\n`;
};
const all = (bytes: Buffer, cuts: readonly number[]): { messages: Read[]; isPartial: boolean } => {
  const { messages, reader, refusal } = readInPieces(bytes, cuts);
  expect(refusal).toBeNull();
  return { messages, isPartial: reader.isPartial };
};

test('wherever the bytes are cut, once or after each one, the same messages are read', () => {
  const text =
    withLength('hello\r\n\r\n') +
    withChunks([3, 17]) +
    withLength('') +
    withChunks([], 'x-t: 1\r\nx-u:\r\n') +
    withLength('!');
  const bytes = Buffer.from(text, 'latin1');
  const whole = all(bytes, []);
  expect(whole.messages.map(({ path, body }) => [path, body])).toEqual([
    ['/a', 'hello\r\n\r\n'],
    ['/c', 'z'.repeat(20)],
    ['/a', ''],
    ['/c', ''],
    ['/a', '!'],
  ]);
  expect(whole.isPartial).toBe(false);
  for (let cut = 1; cut < bytes.length; cut++) expect(all(bytes, [cut])).toEqual(whole);
  expect(
    all(
      bytes,
      Array.from(bytes, (_, i) => i),
    ),
  ).toEqual(whole);
});

test('any messages in any pieces are read as they were written', () => {
  const message = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((body) => ({ text: withLength(body), body })),
    fc
      .array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 })
      .map((sizes) => ({ text: withChunks(sizes), body: 'z'.repeat(sizes.reduce((a, b) => a + b, 0)) })),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(2000), { maxLength: 40 }), (messages, cuts) => {
      const bytes = Buffer.from(messages.map(({ text }) => text).join(''), 'latin1');
      const read = all(
        bytes,
        cuts.filter((cut) => cut < bytes.length),
      );
      expect(read.messages.map(({ body }) => body)).toEqual(messages.map(({ body }) => body));
      expect(read.isPartial).toBe(false);
    }),
  );
});

test('what is not whole is not read, and the reader knows', () => {
  for (const text of [withLength('hello'), withChunks([5], 'x-t: 1\r\n')]) {
    for (let to = 1; to < text.length; to++) {
      const { messages, reader, refusal } = readInPieces(Buffer.from(text.slice(0, to)), []);
      expect([messages, refusal, reader.isPartial]).toEqual([[], null, true]);
    }
  }
});

test('a reader that is held reads the next message when it is released, and none beyond the one that stops it', () => {
  const log = new Log();
  const read = log.messageRead.bind(log);
  log.messageRead = (body) => {
    read(body);
    log.reader.hold();
  };
  log.reader.feed(Buffer.from(withLength('1') + withLength('2').slice(0, 30)));
  expect([log.messages.length, log.reader.isPartial, log.reader.waiting]).toEqual([1, true, 30]);
  log.reader.feed(Buffer.from(withLength('2').slice(30) + withLength('3')));
  expect(log.messages.length).toBe(1);
  log.reader.release();
  expect(log.messages.map(({ body }) => body)).toEqual(['1', '2']);
  log.reader.stop();
  log.reader.release();
  expect(log.messages.length).toBe(2);
});

test.each([
  ['declared', withLength('x'.repeat(1001)), withLength('x'.repeat(1000))],
  ['in chunks', withChunks([600, 401]), withChunks([600, 400])],
])('a body that is too long (%s) is told once and dropped, and the next message is read', (_, long, longest) => {
  const log = readInPieces(Buffer.from(long + longest + withLength('next')), [300, 700]);
  expect(log.tooLong).toBe(1);
  expect(log.messages.map(({ body }) => body.length)).toEqual([0, 1000, 4]);
});

test.each([
  ['an endless head', 431, `POST / HTTP/1.1\r\nx: ${'a'.repeat(HEAD_LIMIT)}`],
  ['a head that is too long', 431, `POST / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(HEAD_LIMIT)}\r\n\r\n`],
  ['a head with bare line feeds', 400, 'POST / HTTP/1.1\nhost: x\n\n'],
  ['a bare line feed first', 400, '\nPOST / HTTP/1.1\r\n'],
  ['a chunk without a size', 400, withChunks([]).replace('0\r\n', '\r\n')],
  ['a chunk with an extension', 400, withChunks([]).replace('0\r\n', '0;a=b\r\n')],
  ['a chunk with a blank', 400, withChunks([]).replace('0\r\n', '0 \r\n')],
  ['a chunk in hex of the wrong kind', 400, withChunks([]).replace('0\r\n', '0x5\r\n')],
  ['a size ended by LF alone', 400, withChunks([3]).replace('3\r\n', '3\n')],
  ['a size ended by CR and something', 400, withChunks([3]).replace('3\r\n', '3\rx')],
  ['a chunk longer than its size', 400, withChunks([3]).replace('zzz', 'zzzz')],
  ['a chunk ended by LF alone', 400, withChunks([3]).replace('zzz\r\n', 'zzz\n\n')],
  ['a chunk ended by CR and something', 400, withChunks([3]).replace('zzz\r\n', 'zzz\rx')],
  ['a size beyond all measure', 413, withChunks([3]).replace('3\r\n', '10000000\r\n')],
  ['a trailer that is none', 400, withChunks([], 'x y\r\n')],
  ['trailers with bare line feeds', 400, withChunks([], 'x: y\n')],
  ['trailers without end', 431, withChunks([], `x: ${'a'.repeat(HEAD_LIMIT)}\r\n`)],
])('%s is refused, however it is cut, and nothing after it is read', (_, status, text) => {
  const bytes = Buffer.from(text + withLength('smuggled'));
  for (const cuts of [[], [text.length - 1], Array.from({ length: Math.min(text.length, 300) }, (_byte, i) => i)]) {
    const log = readInPieces(bytes, cuts);
    expect(log.refusal?.status).toBe(status);
    expect(log.messages).toEqual([]);
    log.reader.feed(Buffer.from(withLength('more')));
    expect(log.messages).toEqual([]);
  }
});
