import { BadInput, fileIssue } from '../config/issues.ts';
import { parseDuration } from '../config/units.ts';
import { findRuntime } from '../models/find-runtime.ts';
import { loadRuntime } from '../models/runtime.ts';
import { onnxEngines } from '../models/server/onnx-engine.ts';
import type { Limits } from '../models/server/options.ts';
import { createInferenceServer, type InferenceServer } from '../models/server/server.ts';
import { type ModelSource, modelSource } from '../models/server/sources.ts';
import { EXIT } from './exit.ts';
import { countOption, wholeOption } from './options.ts';

interface Options {
  readonly port: string;
  readonly host: string;
  readonly maxBatchSize?: string;
  readonly maxQueueDelayUs?: string;
  readonly queueLimit?: string;
  readonly maxBodyBytes?: string;
  readonly maxRows?: string;
  readonly grace: string;
  readonly allowUploads?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;
/** Errors of `listen` that this machine, not the program, is to blame for. */
const NO_PLACE = ['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES', 'ENOTFOUND'];

export async function serveCommand(names: readonly string[], options: Options): Promise<void> {
  const port = wholeOption('--port', options.port)!;
  if (port > 65_535) throw new BadInput([fileIssue('--port', `got '${options.port}', expected at most 65535`)]);
  const graceMs = parseDuration(options.grace);
  if (graceMs === null || !Number.isFinite(graceMs))
    throw new BadInput([fileIssue('--grace', `got '${options.grace}', expected a duration such as 30s`)]);
  const limits = limitsOf(options);
  const models = sourcesOf(names);
  const runtime = await findRuntime({ onFetch: (what) => process.stderr.write(`${what}\n`) });
  await loadRuntime(runtime);
  const server = createInferenceServer({
    models,
    limits,
    openEngine: onnxEngines(runtime),
    allowUploads: options.allowUploads ?? LOOPBACK.test(options.host),
    clock: () => performance.timeOrigin + performance.now(),
    onNote: (note) => process.stderr.write(`${note}\n`),
  });
  const stopping = stopOnSignals(server, graceMs);
  const url = await listen(server, port, options.host);
  if (url === null) return;
  try {
    await server.load();
  } catch (error) {
    // Stopped while loading: that is not the models' fault.
    if (stopping.begun) return void (process.exitCode = await stopping.exitCode);
    await server.close(0);
    throw new BadInput([fileIssue(names.join(' '), (error as Error).message)]);
  }
  print(server, url, options);
  process.exitCode = await stopping.exitCode;
}

/** Models by the names users gave. Throws BadInput with every issue. */
function sourcesOf(names: readonly string[]): ModelSource[] {
  const issues: BadInput[] = [];
  const models = names.flatMap((name) => {
    try {
      return [modelSource(name)];
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      issues.push(error);
      return [];
    }
  });
  const twice = models.filter(({ name }, i) => models.findIndex((other) => other.name === name) !== i);
  const all = [
    ...issues.flatMap((error) => error.issues),
    ...twice.map(({ name }) => fileIssue(name, `got two models of this name, expected one: use other=${name}`)),
  ];
  if (all.length > 0) throw new BadInput(all);
  return models;
}

function limitsOf(options: Options): Partial<Limits> {
  const given = {
    maxBatchSize: wholeOption('--max-batch-size', options.maxBatchSize),
    maxQueueDelayUs: wholeOption('--max-queue-delay-us', options.maxQueueDelayUs),
    queueLimit: countOption('--queue-limit', options.queueLimit),
    maxBodyBytes: countOption('--max-body-bytes', options.maxBodyBytes),
    maxRows: countOption('--max-rows', options.maxRows),
  };
  const zero = (['maxBatchSize', 'queueLimit', 'maxBodyBytes', 'maxRows'] as const).filter((name) => given[name] === 0);
  if (zero.length > 0)
    throw new BadInput(zero.map((name) => fileIssue(`--${dashed(name)}`, "got '0', expected 1 or more")));
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The address, or null after saying why there is none. */
async function listen(server: InferenceServer, port: number, host: string): Promise<string | null> {
  try {
    return await server.listen(port, host);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !NO_PLACE.includes(code)) throw error;
    process.stderr.write(`coalmine: cannot listen on ${host}:${port} (${message}); --port 0 takes any free port\n`);
    process.exitCode = EXIT.environment;
    return null;
  }
}

function print(server: InferenceServer, url: string, { json, quiet }: Options): void {
  const models = server.repository.index();
  if (json === true) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, url, models })}\n`);
  else {
    for (const { name, version } of models) process.stdout.write(`${url}/v2/models/${name}/versions/${version}\n`);
    if (quiet !== true) process.stderr.write('ready; Ctrl-C or SIGTERM answers what is under way and ends\n');
  }
}

interface Stopping {
  /** Whether a signal has come. */
  begun: boolean;
  /** Resolves when the server has ended. */
  readonly exitCode: Promise<number>;
}

/** The first signal drains; a second one, or the end of the grace, cuts what is left. */
function stopOnSignals(server: InferenceServer, graceMs: number): Stopping {
  const { promise: exitCode, resolve, reject } = Promise.withResolvers<number>();
  const stopping: Stopping = { begun: false, exitCode };
  const stop = (signal: 'SIGINT' | 'SIGTERM'): void => {
    const interrupted = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
    if (stopping.begun) process.exit(interrupted);
    stopping.begun = true;
    server.close(graceMs).then((whole) => resolve(whole ? EXIT.ok : interrupted), reject);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stopping;
}
