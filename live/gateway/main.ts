/**
 * The gateway's process, forked by client.ts. It obeys its parent's calls and ends when the parent is gone, however that came about: the
 * IPC channel closes even when the parent is killed.
 */
import { randomBytes } from 'node:crypto';
import { histogramsReady } from '../../telemetry/histogram.ts';
import { Admin } from './admin.ts';
import { Gateway } from './gateway.ts';
import type { Addresses, Call, Command, Commands, Reply } from './messages.ts';

type Handlers = { [C in Command]: (args: Commands[C]) => Commands[C]['answer'] | Promise<Commands[C]['answer']> };

let gateway: Gateway | null = null;
let admin: Admin | null = null;

const handlers: Handlers = {
  async start({ options }): Promise<Addresses> {
    await histogramsReady();
    gateway = new Gateway(options, (window) => tell({ window }));
    const token = randomBytes(24).toString('base64url');
    admin = new Admin(gateway, token);
    const [url, adminUrl] = await Promise.all([gateway.dataPlane.listen(0), admin.listen(0)]);
    return { url, adminUrl, token };
  },
  begin: ({ startAtMs }) => started().begin(startAtMs),
  setRoute: ({ change }) => started().setRoute(change),
  setUpstreams: ({ arm, urls }) => started().setUpstreams(arm, urls),
  connect: ({ arm, perUpstream }) => started().connect(arm, perUpstream),
  setFaults: ({ faults }) => started().setFaults(faults),
  status: () => started().status(),
  async stop({ graceMs }) {
    const sums = await started().stop(graceMs);
    admin?.close();
    return sums;
  },
};

function started(): Gateway {
  if (gateway === null) throw new RangeError('the gateway has not been started');
  return gateway;
}

/** `sent` is called when the channel has taken the message. */
function tell(reply: Reply, sent?: () => void): void {
  process.send?.(reply, undefined, undefined, sent);
}

async function obey({ id, command, args }: Call): Promise<void> {
  try {
    const handler = handlers[command] as (args: unknown) => unknown;
    const answer = await handler(args);
    // The answer goes out first; then nothing is left to do.
    tell({ id, answer }, command === 'stop' ? () => process.exit() : undefined);
  } catch (error) {
    tell({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

process.on('message', (call: Call) => void obey(call));
process.on('disconnect', () => process.exit());
// Whoever ends a rehearsal from the terminal ends the parent, which then ends us in order.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => process.exit());
