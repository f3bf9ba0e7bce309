/** What a rehearsal against real servers needs of this machine, and how to get what is missing. None of it is needed in virtual time. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { availableParallelism, freemem } from 'node:os';
import { CALM_LAG_MS, checkHost } from '../live/host.ts';
import { findK6 } from '../live/load/find-k6.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do when it is not. */
  readonly fix: string | null;
  /** Only some rehearsals need it: missing it is no failure. */
  readonly optional?: true;
}

/** Gateway, load and four servers hold about this much. */
const LIVE_MEMORY_MB = 1536;
const SECONDS = 10;

export async function liveChecks(): Promise<Check[]> {
  return [
    ...(await Promise.all([k6Check(), portCheck(), redisCheck(), browserCheck()])),
    roomCheck(),
    ...(await calmChecks()),
  ];
}

/** k6 makes the load of a live rehearsal; the built-in generator stands in for it. */
async function k6Check(): Promise<Check> {
  const common = { name: 'k6', fix: null, optional: true } as const;
  try {
    const { path, version } = await findK6();
    return { ...common, ok: true, found: `${version} (${path})` };
  } catch (error) {
    return { ...common, ok: false, found: error instanceof Error ? error.message : String(error) };
  }
}

/** Servers and gateway listen on ports of loopback that the system gives. */
function portCheck(): Promise<Check> {
  const common = { name: 'live: ports', optional: true } as const;
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) =>
      resolve({ ...common, ok: false, found: error.message, fix: 'let processes listen on 127.0.0.1' }),
    );
    server.listen(0, '127.0.0.1', () => {
      server.close(() => resolve({ ...common, ok: true, found: '127.0.0.1 gives them', fix: null }));
    });
  });
}

async function redisCheck(): Promise<Check> {
  const version = await said('redis-server', '--version');
  return {
    name: 'live: redis',
    ok: version !== null,
    found: version === null ? 'no redis-server on PATH' : (/v=(\S+)/.exec(version)?.[1] ?? version),
    fix: 'only for --features and --queue redis://…: apt-get install redis-server, or any server you have; features are kept in SQLite without one',
    optional: true,
  };
}

async function browserCheck(): Promise<Check> {
  const found = (
    await Promise.all(['chromium', 'chromium-browser', 'google-chrome'].map((name) => said(name, '--version')))
  ).find((version) => version !== null);
  return {
    name: 'chromium',
    ok: found != null,
    found: found ?? 'no chromium on PATH',
    fix: 'only tests that open reports use it: apt-get install chromium',
    optional: true,
  };
}

function roomCheck(): Check {
  const freeMb = Math.round(freemem() / 2 ** 20);
  return {
    name: 'live: memory',
    ok: freeMb >= LIVE_MEMORY_MB,
    found: `${freeMb} MB free`,
    fix: `a live rehearsal of four servers holds ${LIVE_MEMORY_MB} MB: end what else runs, or state fewer replicas`,
    optional: true,
  };
}

/** What else runs would be measured as the candidate's slowness. */
async function calmChecks(): Promise<Check[]> {
  const { cores, loadAverage, idleLoopLagMs } = await checkHost();
  const idle = Math.max(0, cores - loadAverage);
  const fix = 'wait until nothing else runs: a busy machine makes a live run invalid (exit 5)';
  return [
    {
      name: 'live: cores',
      ok: availableParallelism() >= 2 && loadAverage < cores,
      found: `${idle.toFixed(1)} of ${cores} idle (load average ${loadAverage.toFixed(1)})`,
      fix: cores < 2 ? 'live rehearsals want two cores; fewer requests per second do with less' : fix,
      optional: true,
    },
    {
      name: 'live: timers',
      ok: idleLoopLagMs < CALM_LAG_MS,
      found: `an idle process is ${idleLoopLagMs.toFixed(1)} ms late at worst`,
      fix,
      optional: true,
    },
  ];
}

/** What a command prints, on one line; null when there is no such command. */
function said(command: string, argument: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(command, [argument], { timeout: SECONDS * 1000 }, (error, stdout) =>
      resolve(error === null ? stdout.trim().split('\n')[0]! : null),
    );
  });
}
