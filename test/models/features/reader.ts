/** A process that reads every entity of a store and reports the sum of the first values, without their thousandfold. */
import { openFeatureStore } from '../../../models/features/store.ts';

const [file = '', entities = ''] = process.argv.slice(2);
const store = await openFeatureStore(file);
let sum = 0;
for (let round = 0; round < 4; round++) {
  for (let entity = 0; entity < Number(entities); entity++) sum += Math.floor((await store.get(entity))![0]! / 1000);
}
await store.close();
process.send?.(sum);
process.disconnect?.();
