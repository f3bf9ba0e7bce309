import { expect, test } from 'vitest';
import { RequestHead } from '../../../../live/gateway/wire/request-head.ts';
import { hashText } from '../../../../split.ts';

/** Reads a head that stands in the middle of other bytes. */
function read(text: string): { head: RequestHead; refused: number | null } {
  const head = new RequestHead();
  const bytes = Buffer.from(`xx${text}GET`, 'latin1');
  return { head, refused: head.read(bytes, 2, 2 + Buffer.byteLength(text, 'latin1'))?.status ?? null };
}
const headOf = (...lines: string[]): string =>
  ['POST /v2/models/m/infer HTTP/1.1', ...lines].map((line) => `${line}\r\n`).join('') + '\r\n';

test('headers are read whatever their case, and those of the connection stay behind', () => {
  const { head, refused } = read(
    headOf(
      'Host: x',
      'X-Coalmine-Request:12',
      'x-coalmine-USER: \t7 ',
      'Upgrade: h2c',
      'TE: trailers',
      'X-Coalmine-Row: 3',
      'Connection: Keep-Alive',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: close',
      'Content-Length: 80',
      'Inference-Header-Content-Length: 80',
      'x-coalmine-mirrored: 1',
      'Trailer: x',
      'X-Empty:',
    ),
  );
  expect(refused).toBeNull();
  expect(head).toMatchObject({
    method: 'POST',
    path: '/v2/models/m/infer',
    number: 12,
    user: 7,
    row: 3,
    bodyLength: 80,
    close: false,
    expects: false,
    fault: null,
    kept: 'X-Coalmine-Request:12\r\nx-coalmine-USER: \t7 \r\nX-Coalmine-Row: 3\r\nInference-Header-Content-Length: 80\r\nX-Empty:\r\n',
  });
});

test('a head leaves nothing behind for the next one', () => {
  const { head } = read(
    headOf('host: x', 'x-coalmine-row: x', 'x-coalmine-user: 5', 'expect: 100-continue', 'connection: close'),
  );
  expect(head).toMatchObject({ user: 5, expects: true, close: true, fault: { status: 400 } });
  const next = headOf('host: x');
  expect(head.read(Buffer.from(next), 0, next.length)).toBeNull();
  expect(head).toMatchObject({
    number: -1,
    user: -1,
    row: -1,
    expects: false,
    close: false,
    fault: null,
    kept: '',
    bodyLength: 0,
  });
});

test('a user that is no number is hashed; a row or number that is none is a fault of the request alone', () => {
  expect(read(headOf('host: x', 'x-coalmine-user: anna')).head.user).toBe(hashText('anna'));
  for (const value of ['', '-1', '1.5', '1e3', '2147483648', '99999999999', 'x']) {
    const { head, refused } = read(headOf('host: x', `x-coalmine-row: ${value}`));
    expect(refused).toBeNull();
    expect(head.fault).toEqual({
      status: 400,
      why: `x-coalmine-row: got '${value}', expected a whole number below 2³¹`,
    });
  }
  expect(read(headOf('host: x', 'x-coalmine-row: 2147483647')).head.row).toBe(2_147_483_647);
});

test('a connection ends when either side of HTTP says so', () => {
  const closes = (...lines: string[]): boolean => read(headOf('host: x', ...lines)).head.close;
  expect(closes('connection: close')).toBe(true);
  expect(closes('connection: keep-alive, Close')).toBe(true);
  expect(closes('connection: closed')).toBe(false);
  expect(closes('connection: x-close')).toBe(false);
  const { head, refused } = read('GET / HTTP/1.0\r\n\r\n');
  expect([refused, head.close]).toEqual([null, true]);
});

test.each<[string, number, ...string[]]>([
  ['a length twice', 400, 'host: x', 'content-length: 5', 'content-length: 5'],
  ['two lengths in one', 400, 'host: x', 'content-length: 5, 5'],
  ['a signed length', 400, 'host: x', 'content-length: +5'],
  ['a length in hex', 400, 'host: x', 'content-length: 0x5'],
  ['no length where one is named', 400, 'host: x', 'content-length:'],
  ['a length and chunks', 400, 'host: x', 'content-length: 5', 'transfer-encoding: chunked'],
  ['chunks twice', 400, 'host: x', 'transfer-encoding: chunked', 'transfer-encoding: chunked'],
  ['another coding', 501, 'host: x', 'transfer-encoding: gzip'],
  ['two codings', 501, 'host: x', 'transfer-encoding: gzip, chunked'],
  ['chunks, written with a blank inside', 501, 'host: x', 'transfer-encoding: chun ked'],
  ['a blank before the colon', 400, 'host: x', 'content-length : 5'],
  ['a blank before the name', 400, 'host: x', ' content-length: 5'],
  ['a folded line', 400, 'host: x', 'x-a: 1', ' transfer-encoding: chunked'],
  ['a line without a colon', 400, 'host: x', 'content-length'],
  ['a lone CR in a value', 400, 'host: x', 'x-a: 1\rtransfer-encoding: chunked'],
  ['a lone LF in a value', 400, 'host: x', 'x-a: 1\ntransfer-encoding: chunked'],
  ['a control character in the place of CR', 400, 'host: x', 'x-a: 1\x01\nx-b: 2'],
  ['a NUL', 400, 'host: x', 'x-a: \0'],
  ['a DEL', 400, 'host: x', 'x-a: \x7f'],
  ['a name that is no token', 400, 'host: x', 'x(a): 1'],
  ['no host', 400, 'x-a: 1'],
  ['two hosts', 400, 'host: x', 'host: y'],
])('%s is refused', (_, status, ...lines) => {
  expect(read(headOf(...lines)).refused).toBe(status);
});

test.each([
  'POST /infer\r\nhost: x\r\n\r\n',
  'POST /infer HTTP/2.0\r\nhost: x\r\n\r\n',
  'POST /infer HTTP/1.1 \r\nhost: x\r\n\r\n',
  'POST  /infer HTTP/1.1\r\nhost: x\r\n\r\n',
  'POST /in fer HTTP/1.1\r\nhost: x\r\n\r\n',
  'POST /inf\u00e9r HTTP/1.1\r\nhost: x\r\n\r\n',
  'POST infer HTTP/1.1\r\nhost: x\r\n\r\n',
  'POST http://x/infer HTTP/1.1\r\nhost: x\r\n\r\n',
  'PO:ST /infer HTTP/1.1\r\nhost: x\r\n\r\n',
  ' POST /infer HTTP/1.1\r\nhost: x\r\n\r\n',
  '\r\n\r\n',
  'POST /infer HTTP/1.1\nhost: x\r\n\r\n',
])('%j is no request', (text) => {
  expect(read(text).refused).toBe(400);
});

test('HTTP/1.0 has no chunks', () => {
  expect(read('POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n').refused).toBe(400);
});
