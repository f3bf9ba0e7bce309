/** The sums of a run: a request that is lost anywhere is missed, and where is said. */
import { expect, test } from 'vitest';
import { checkSums } from '../../../live/sum-check.ts';

type Args = Parameters<typeof checkSums>;

const LOAD = { sent: 100, completed: 90, errors: 6, timedOut: 3, interrupted: 1 };
const SUMS = {
  received: 100,
  answered: 90,
  failed: 10,
  mirrored: 20,
  mirrorAnswered: 18,
  mirrorFailed: 2,
  unsent: 5,
  upstreams: [
    { url: 'http://a', sent: 75 },
    { url: 'http://b', sent: 40 },
  ],
};
const fleetOf = (...replicas: [url: string, received: number | null][]): Args[2][number] =>
  ({
    all: replicas.map(([url, received]) => ({
      url,
      process: { name: `server at ${url}` },
      sums: received === null ? null : { received },
    })),
  }) as unknown as Args[2][number];

const check = (
  load: Partial<typeof LOAD>,
  sums: Partial<typeof SUMS>,
  b: number | null = 40,
): ReturnType<typeof checkSums> =>
  checkSums({ ...LOAD, ...load } as Args[0], { sums: { ...SUMS, ...sums } } as unknown as Args[1], [
    fleetOf(['http://a', 75]),
    fleetOf(['http://b', b]),
  ]);

test('sums that agree everywhere are balanced', () => {
  expect(check({}, {})).toMatchObject({
    balanced: true,
    mismatches: [],
    loadSent: 100,
    gatewayReceived: 100,
    sentToServers: 115,
    serversReceived: 115,
    sentToLostServers: 0,
  });
});

test('what was sent to a server that died is told apart, and is no mismatch', () => {
  expect(check({}, {}, null)).toMatchObject({
    balanced: true,
    sentToServers: 75,
    serversReceived: 75,
    sentToLostServers: 40,
  });
});

test.each<[string, Partial<typeof LOAD>, Partial<typeof SUMS>, number, string]>([
  [
    'on the way to the gateway',
    {},
    { received: 99, answered: 89, mirrored: 21, mirrorAnswered: 19 },
    40,
    'the gateway received 99, the load sent 100',
  ],
  ['inside the gateway', {}, { answered: 89 }, 40, 'the gateway received 100, it answered or failed 99'],
  ['among the copies', {}, { mirrorFailed: 1 }, 40, 'the gateway mirrored 20, copies answered or failed 19'],
  ['between gateway and server', {}, {}, 39, 'server at http://b received 39, the gateway sent it 40'],
  ['before any server', {}, { unsent: 4 }, 40, 'the gateway sent 119, requests and copies were 120'],
  ['at the load', { completed: 89 }, {}, 40, 'the load sent 100, it knows the end of 99'],
])('a request lost %s is missed there', (_, load, sums, b, mismatch) => {
  expect(check(load, sums, b).mismatches).toEqual([mismatch]);
});
