import { expect, test } from 'vitest';
import { tableOf } from '../../../tools/search-peers/table.ts';

test('means and the worst seed are shown, and where a search ended by itself', () => {
  const text = tableOf({
    versions: { pymoo: '1.2.3' },
    policies: 725_760,
    front: 40,
    objectives: ['falseRollback', 'harm'],
    found: {
      ours: {
        300: [
          { judged: 300, volume: 0.9, front: 0.1 },
          { judged: 300, volume: 1, front: 0.3 },
        ],
        1000: [
          { judged: 900, volume: 1, front: 1 },
          { judged: 940, volume: 1, front: 1 },
        ],
      },
      slow: { 300: [{ judged: 300, volume: 0.5, front: 0 }] },
    },
  });
  expect(text).toContain('All 725,760 policies of the space are judged: 40 distinct points');
  expect(text).toContain('| ours | 95.0 % (90.0 %); 20.0 % | 100.0 % (100.0 %); 100.0 %, after 920 |');
  expect(text).toContain('| slow | 50.0 % (50.0 %); 0.0 % | – |');
});
