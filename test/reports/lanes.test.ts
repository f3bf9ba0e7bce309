import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitText, laneCount, placeLabels, textWidth } from '../../reports/lanes.ts';

const WIDTH = 840;
const SIZE = 11;
const labels = fc.array(
  fc.record({ x: fc.double({ min: 0, max: WIDTH, noNaN: true }), text: fc.string({ minLength: 1, maxLength: 200 }) }),
  { maxLength: 40 },
);

describe('label lanes', () => {
  it('never let two labels of a lane overlap, and keep all of them inside the plot', () => {
    fc.assert(
      fc.property(labels, (list) => {
        const placed = placeLabels(list, WIDTH, SIZE);
        expect(placed).toHaveLength(list.length);
        for (const [i, a] of placed.entries()) {
          expect(a.left).toBeGreaterThanOrEqual(0);
          expect(a.right).toBeLessThanOrEqual(WIDTH + 1e-9);
          expect(a.right - a.left).toBeGreaterThanOrEqual(textWidth(a.text, SIZE) - 1e-9);
          for (const b of placed.slice(i + 1))
            if (a.lane === b.lane) expect(a.right <= b.left || b.right <= a.left).toBe(true);
        }
      }),
    );
  });

  it('use every lane from the top down', () => {
    fc.assert(
      fc.property(labels, (list) => {
        const placed = placeLabels(list, WIDTH, SIZE);
        const used = new Set(placed.map((p) => p.lane));
        expect([...used].sort((a, b) => a - b)).toEqual(Array.from({ length: laneCount(placed) }, (_, i) => i));
      }),
    );
  });

  it('run leader lines beside the texts of other labels on the same side', () => {
    const placed = placeLabels(
      [
        { x: 10, text: 'first' },
        { x: 20, text: 'second' },
        { x: 30, text: 'third' },
      ],
      WIDTH,
      SIZE,
    );
    expect(placed.map((p) => [p.text, p.lane])).toEqual([
      ['first', 0],
      ['second', 1],
      ['third', 2],
    ]);
  });

  it('shorten a text that is wider than its place', () => {
    expect(fitText('canary', 200, SIZE)).toBe('canary');
    expect(fitText('a very long name', 60, SIZE)).toBe('a very l…');
    expect(fitText('canary', 8, SIZE)).toBe('');
  });
});
