import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../scenarios/files.ts';
import { type Bench, type Figure, median } from './bench.ts';
import { closedLoop, postRequest } from './closed-loop.ts';

const COALMINE = [join(packageRoot, 'bin/coalmine.mjs'), 'serve', 'eta-baseline', '--port', '0', '--json'];
const FLOOR = [join(import.meta.dirname, 'http-floor.ts')];
const BODY = JSON.stringify({
  id: '123456',
  inputs: [
    { name: 'features', datatype: 'FP32', shape: [1, 9], data: [733, 0.5, -0.25, 0.125, 1, 5.5, 4.25, 3.75, 6.125] },
  ],
});
const REQUEST = postRequest('/v2/models/eta-baseline/infer', BODY);

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Starts a server that says where it is in one line of JSON. */
function startServer(args: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.includes('\n')) resolve({ child, url: (JSON.parse(text) as { url: string }).url });
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${args.join(' ')} ended early with ${code}`)));
  });
}

const cpuSeconds = async (url: string): Promise<number> =>
  Number(/^process_cpu_seconds_total (\S+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);

/** Requests per second and per second of the server's processor time, once per round, after one round to warm up. */
async function measure(
  { url }: Server,
  connections: number,
  rounds: number,
  roundMs: number,
): Promise<{ rps: number[]; perCpuSecond: number[] }> {
  const load = closedLoop(Number(new URL(url).port), connections, REQUEST);
  try {
    await sleep(roundMs);
    const rps: number[] = [];
    const perCpuSecond: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = { cpu: await cpuSeconds(url), answered: load.answered(), ms: performance.now() };
      await sleep(roundMs);
      const seconds = (performance.now() - before.ms) / 1000;
      const answered = load.answered() - before.answered;
      rps.push(answered / seconds);
      perCpuSecond.push(answered / ((await cpuSeconds(url)) - before.cpu));
    }
    return { rps, perCpuSecond };
  } finally {
    load.stop();
  }
}

const CASES = [
  { what: 'bare node:http that answers a constant', args: FLOOR, connections: 32 },
  { what: 'no batching', args: [...COALMINE, '--max-batch-size', '1'], connections: 32 },
  { what: 'batching', args: COALMINE, connections: 1 },
  { what: 'batching', args: COALMINE, connections: 32 },
  { what: 'batching', args: COALMINE, connections: 128 },
] as const;

export const serving: Bench = {
  name: 'serving',
  about: 'coalmine serve with a small model: single-row JSON requests in a closed loop, per second of the server',
  async run({ small }) {
    const figures: Figure[] = [];
    let alone: readonly number[] = [];
    for (const { what, args, connections } of CASES) {
      const server = await startServer(args);
      try {
        const measured = await measure(server, connections, small ? 1 : 5, small ? 250 : 2000);
        const name = `${what}, ${connections} connections`;
        figures.push({ what: `${name}: requests`, unit: '/s', values: measured.rps });
        const compared = what === 'batching' && connections === 32;
        if (what === 'no batching') alone = measured.perCpuSecond;
        figures.push({
          what: `${name}: requests per CPU second`,
          unit: '/s',
          values: measured.perCpuSecond,
          ...(compared ? { ratio: { times: median(measured.perCpuSecond) / median(alone), to: 'no batching' } } : {}),
          ...(compared ? { target: { atLeast: 25_000 } } : {}),
        });
      } finally {
        const gone = new Promise((resolve) => server.child.once('close', resolve));
        server.child.removeAllListeners('exit').kill('SIGKILL');
        await gone;
      }
    }
    const notes = ['the client shares the cores with the server, so requests per second are what both together reach'];
    return { figures, notes };
  },
};
