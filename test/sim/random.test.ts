/** Random streams: the numbers of seedrandom's Alea, one stream per purpose, pinned. */
import seedrandom from 'seedrandom';
import { expect, test } from 'vitest';
import { Stream, streamsOf } from '../../sim/random.ts';

test('a stream gives the numbers of seedrandom.alea of its name, one by one', () => {
  for (const name of ['42/arrivals', '42/service/candidate', '', 'ü 0']) {
    const stream = new Stream(name);
    const alea = seedrandom.alea(name);
    for (let i = 0; i < 5000; i++) expect(stream.next(), `${name}, draw ${i}`).toBe(alea());
  }
});

test('draws are multiples of 2⁻³² in [0, 1)', () => {
  const stream = new Stream('grain');
  for (let i = 0; i < 5000; i++) {
    const u = stream.next();
    expect(u >= 0 && u < 1 && Number.isInteger(u * 2 ** 32)).toBe(true);
  }
});

/** Every purpose the simulator draws for. */
const PURPOSES = [
  'arrivals',
  'arrivals/state',
  'keys',
  'outcomes',
  'content',
  'content/offset',
  ...['baseline', 'candidate'].flatMap((arm) => [
    `service/${arm}`,
    `errors/${arm}`,
    `balancer/${arm}`,
    `cache/${arm}`,
    `features/latency/${arm}`,
    `features/availability/${arm}`,
  ]),
];

test('the first sixteen draws of every named stream of seed 42 are pinned (a change needs a line in the CHANGELOG)', async () => {
  const streams = streamsOf(42);
  const lines = PURPOSES.map((purpose) => {
    const stream = streams(purpose);
    return `${purpose}: ${Array.from({ length: 16 }, () => (stream.next() * 2 ** 32).toString(16).padStart(8, '0')).join(' ')}`;
  });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/streams.txt');
});

test('streams of different purposes, and of different seeds, have nothing in common', () => {
  const firsts = [1, 2].flatMap((seed) => PURPOSES.map((purpose) => streamsOf(seed)(purpose).next()));
  expect(new Set(firsts).size).toBe(firsts.length);
});
