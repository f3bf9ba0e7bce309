/** A replica's model repository, over its own protocol. */
import { LiveFailure } from '../failure.ts';

/** Name under which every replica serves its model. */
export const SERVICE = 'model';

/** Brings the model into memory; resolves when it is ready. */
export const loadModel = (url: string): Promise<void> => ask(url, 'load');

/** Takes the model out of memory. */
export const unloadModel = (url: string): Promise<void> => ask(url, 'unload');

async function ask(url: string, what: 'load' | 'unload'): Promise<void> {
  const answer = await fetch(`${url}/v2/repository/models/${SERVICE}/${what}`, { method: 'POST' });
  const text = await answer.text();
  if (!answer.ok) throw new LiveFailure(`${url} would not ${what} its model: ${answer.status} ${text}`);
}
