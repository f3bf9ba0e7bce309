/** The files of one live rehearsal, in a temporary folder that is removed with it. */
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFeatureStore, storedFeatures } from '../models/features/build.ts';
import { type ContentTable, openContent } from '../models/table.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { temporaryFolder } from '../storage/temporary.ts';
import { writeSlices } from './load/slices.ts';
import type { SliceIndex } from './load/slice-index.ts';
import type { PlannedStage } from '../sim/arrivals/requests.ts';
import type { StorePlace } from './replica/messages.ts';

export interface Workplace {
  readonly content: ContentTable;
  /** Features of all content rows, float32, row by row; and how many there are per row. */
  readonly matrixFile: string;
  readonly width: number;
  readonly standIns: readonly (number | null)[];
  readonly store: StorePlace;
  /** Folder of the load's slices. */
  readonly slices: string;
  readonly index: SliceIndex;
  remove(): Promise<void>;
}

export interface WorkplaceOptions {
  /** Requests are written up to this rehearsal time. */
  readonly untilMs: number;
  readonly stages: readonly PlannedStage[];
  /** `redis://…`; null keeps the features in an SQLite file. */
  readonly redis: string | null;
}

/** Writes everything the processes of a live rehearsal read. Rejects with BadInput for a bad content table. */
export async function openWorkplace(
  scenario: Scenario,
  { untilMs, stages, redis }: WorkplaceOptions,
): Promise<Workplace> {
  const { traffic } = scenario;
  if (traffic.content.kind === 'none') throw new RangeError('got no content, expected a table: see liveIssues');
  const content = await openContent(traffic.content.file);
  const folder = temporaryFolder('live');
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const { matrix, features, rows } = content;
    const matrixFile = join(folder, 'features.f32');
    writeFileSync(matrixFile, new Uint8Array(matrix.buffer, matrix.byteOffset, matrix.byteLength));
    const store: StorePlace =
      redis === null
        ? { kind: 'sqlite', place: join(folder, 'features.sqlite'), namespace: undefined }
        : { kind: 'redis', place: redis, namespace: `live-${randomUUID()}` };
    await buildFeatureStore(store.place, storedFeatures(content, traffic.keys.count), store.namespace);
    const slices = join(folder, 'slices');
    const index = await writeSlices(scenario, slices, untilMs, { contentRows: rows, stages });
    return {
      content,
      matrixFile,
      width: features.length,
      standIns: features.map(({ stored, mean }) => (stored ? mean : null)),
      store,
      slices,
      index,
      async remove() {
        remove();
        // A server that is gone has nothing left to remove.
        if (redis !== null) await (await redisStores()).dropRedisStore(redis, store.namespace).catch(() => undefined);
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Imported when it is needed: it wants a package that is optional. */
const redisStores = (): Promise<typeof import('../models/features/redis.ts')> => import('../models/features/redis.ts');
