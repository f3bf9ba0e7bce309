/** One replica: a model server of the Open Inference Protocol that also fetches features and holds its slots as the scenario says. */
import { epochMs } from '../clock.ts';
import { obeyParent } from '../supervisor/obedience.ts';
import type { FromReplica, ToReplica } from './messages.ts';
import { Replica } from './replica.ts';

/** A replica that is told to end lets what it has in hand be answered for this long. */
const DRAIN_MS = 5000;

let replica: Replica | null = null;
const say = (message: FromReplica): void => {
  if (process.connected) process.send!(message, () => undefined);
};

obeyParent(() => {
  void (replica?.close(DRAIN_MS) ?? Promise.resolve()).finally(() => {
    if (replica === null || !process.connected) process.exit(0);
    // What it did is told last, and told before it goes.
    else process.send?.({ kind: 'sums', sums: replica.sums() } satisfies FromReplica, () => process.exit(0));
  });
});

process.on('message', (message: ToReplica) => {
  if (message.kind === 'order') {
    Replica.start(message.order, epochMs, say).then(
      (started) => {
        replica = started;
        say({ kind: 'ready', modelLoadMs: started.loadedInMs });
      },
      (error: Error) => {
        const failed: FromReplica = { kind: 'failed', error: error.name, message: error.message };
        process.send?.(failed, () => process.exit(1));
      },
    );
  } else replica?.hear(message);
});
