import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import { findRuntime, runtimeVersion } from '../models/find-runtime.ts';
import { loadRuntime } from '../models/runtime.ts';
import { type Check, liveChecks } from './doctor-live.ts';
import { EXIT } from './exit.ts';

/** Rehearsals were measured to need no more than this. */
const MEMORY_MB = 2048;

/** Checks the machine for what a rehearsal in virtual time needs, and for what one against real servers can use. */
export async function doctorCommand(options: { json?: boolean }): Promise<void> {
  const memoryMb = Math.round(totalmem() / 2 ** 20);
  const checks: Check[] = [
    {
      name: 'node',
      ok: Number(process.versions.node.split('.')[0]) >= 24,
      found: process.version,
      fix: 'install Node 26',
    },
    {
      name: 'cores',
      ok: availableParallelism() >= 2,
      found: String(availableParallelism()),
      fix: 'one core works, but scoring and simulation then take turns',
    },
    { name: 'memory', ok: memoryMb >= MEMORY_MB, found: `${memoryMb} MB`, fix: `rehearsals want ${MEMORY_MB} MB` },
    await runtimeCheck(),
    await packageCheck('@duckdb/node-api', 'reinstall without --omit=optional'),
    await packageCheck('@resvg/resvg-js', 'reinstall without --omit=optional'),
    ...(await liveChecks()),
  ];
  if (options.json === true) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, checks }, null, 2)}\n`);
  else {
    for (const { name, ok, found, fix, optional } of checks) {
      const state = ok ? 'ok     ' : optional === true ? 'without' : 'MISSING';
      process.stdout.write(`${state}  ${name.padEnd(18)}${found}${ok || fix === null ? '' : `: ${fix}`}\n`);
    }
  }
  process.exitCode = checks.every((check) => check.ok || check.optional === true) ? EXIT.ok : EXIT.environment;
}

/** Whether a package with a native part loads here, which being installed does not yet mean. */
async function packageCheck(name: string, fix: string): Promise<Check> {
  try {
    await import(name);
    const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
    return { name, ok: true, found: version, fix: null };
  } catch (error) {
    return { name, ok: false, found: error instanceof Error ? error.message.split('\n')[0]! : String(error), fix };
  }
}

/** The runtime of the models may come with the package, or lie where an earlier rehearsal has fetched it. */
async function runtimeCheck(): Promise<Check> {
  const name = 'onnxruntime-node';
  const fix = `npm install onnxruntime-node@1.30.0 --ignore-scripts; or let the first rehearsal fetch it`;
  try {
    const specifier = await findRuntime({ env: { ...process.env, COALMINE_OFFLINE: '1' } });
    await loadRuntime(specifier);
    const fetched = specifier !== name;
    const version = runtimeVersion(specifier);
    return { name, ok: true, found: fetched ? `${version}, fetched: ${specifier}` : version, fix: null };
  } catch (error) {
    return { name, ok: false, found: error instanceof Error ? error.message.split('\n')[0]! : String(error), fix };
  }
}
