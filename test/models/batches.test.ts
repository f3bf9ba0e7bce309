import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { loadModel } from '../../models/catalogue.ts';
import { SESSION_OPTIONS } from '../../models/runtime.ts';
import { openContent } from '../../models/table.ts';
import { SERVABLE, tableOf } from './june.ts';

test.each(SERVABLE)('%s answers a row with the same bits whatever else is in the batch', async (name) => {
  const { matrix, rows, features } = await openContent(await tableOf('from june using sample 257 rows (reservoir, 1)'));
  const session = await InferenceSession.create(loadModel(name).onnxFile, SESSION_OPTIONS);
  const width = features.length;
  const run = async (from: number, count: number): Promise<Float32Array> => {
    const part = matrix.slice(from * width, (from + count) * width);
    const answer = await session.run({ features: new Tensor('float32', part, [count, width]) });
    return answer.eta?.data as Float32Array;
  };
  const together = await run(0, rows);
  for (let row = 0; row < rows; row++) expect(await run(row, 1)).toEqual(together.slice(row, row + 1));
});
