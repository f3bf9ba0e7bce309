/** The protocol's surface but inference: which path and method means what. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseObject } from './decode.ts';
import { invalid, ServerError } from './errors.ts';
import { send, sendJson, wholeBody } from './http.ts';
import { decodeLoad } from './load-request.ts';
import type { LoadedModel } from './loaded-model.ts';
import { METRICS_TYPE, metricsText } from './metrics.ts';
import type { Limits } from './options.ts';
import type { Repository } from './repository.ts';
import type { TensorSpec } from './tensor.ts';

/** What routes need of the server. */
export interface RouteContext {
  readonly repository: Repository;
  readonly limits: Limits;
  readonly allowUploads: boolean;
  readonly product: { readonly name: string; readonly version: string };
  /** Whether the server is about to close, and so not ready. */
  readonly closing: boolean;
}

export const EXTENSIONS: readonly string[] = ['binary_tensor_data', 'model_repository', 'statistics'];
export const PLATFORM = 'onnx_onnxv1';

/** Answers the request; `names` are the model and version in the path, where the pattern has them. */
type Action = (
  context: RouteContext,
  names: { readonly model?: string; readonly version?: string },
  request: IncomingMessage,
  response: ServerResponse,
) => void | Promise<void>;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly pattern: RegExp;
  readonly act: Action;
}

/** `:model` and `:version` stand for one part of the path; `[…]` is optional. */
function route(method: 'GET' | 'POST', path: string, act: Action): Route {
  const pattern = path
    .replaceAll('[', '(?:')
    .replaceAll(']', ')?')
    .replaceAll(/:(\w+)/g, '(?<$1>[^/]+)');
  return { method, pattern: new RegExp(`^${pattern}$`), act };
}

const json = (response: ServerResponse, context: RouteContext, value: unknown, status = 200): void =>
  sendJson(response, status, value, context.closing);

/** Inference itself goes past this table; it is here so that other methods are answered with 405. */
export const INFER: Action = () => undefined;

const MODEL = '/v2/models/:model[/versions/:version]';

const ROUTES: readonly Route[] = [
  route('GET', '/v2/?', (context, _, __, response) =>
    json(response, context, { ...context.product, extensions: EXTENSIONS }),
  ),
  route('GET', '/v2/health/live', (context, _, __, response) => json(response, context, { live: true })),
  route('GET', '/v2/health/ready', (context, _, __, response) => {
    const ready = context.repository.ready && !context.closing;
    json(response, context, { ready }, ready ? 200 : 400);
  }),
  route('GET', '/v2/models/stats', (context, _, __, response) => statistics(context, {}, response)),
  route('GET', `${MODEL}/stats`, (context, names, _, response) => statistics(context, names, response)),
  route('GET', `${MODEL}/ready`, modelReady),
  route('GET', MODEL, (context, names, _, response) => {
    const model = context.repository.serving(names.model!, names.version);
    json(response, context, metadata(model, context.repository.versions(model.name)));
  }),
  route('POST', `${MODEL}/infer`, INFER),
  route('POST', '/v2/repository/index', index),
  route('POST', '/v2/repository/models/:model/load', load),
  route('POST', '/v2/repository/models/:model/unload', async (context, { model }, request, response) => {
    await wholeBody(request, context.limits.maxBodyBytes);
    await context.repository.unload(model!);
    json(response, context, {});
  }),
  route('GET', '/metrics', (context, _, __, response) => {
    const { user, system } = process.cpuUsage();
    const text = metricsText(context.repository, (user + system) / 1e6, process.memoryUsage.rss());
    send(response, 200, METRICS_TYPE, text, context.closing);
  }),
];

export interface Found {
  readonly act: Action;
  readonly names: { readonly model?: string; readonly version?: string };
}

/** What `method` means at `url`. Throws ServerError 404 for an unknown path, 405 for a method that it does not have. */
export function findRoute(method: string | undefined, url: string): Found {
  const [path = ''] = url.split('?');
  const there = ROUTES.map((each) => ({ ...each, match: each.pattern.exec(path) })).filter(
    ({ match }) => match !== null,
  );
  if (there.length === 0) throw new ServerError(404, `there is nothing at ${path}`);
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = there.find((each) => each.method === wanted);
  if (found === undefined) throw new WrongMethod(method, path, there[0]!.method);
  return { act: found.act, names: decodeNames(found.match?.groups ?? {}) };
}

/** 405, which has to say what would be right. */
export class WrongMethod extends ServerError {
  readonly allow: string;

  constructor(method: string | undefined, path: string, allow: string) {
    super(405, `got ${method} ${path}, expected ${allow}`);
    this.allow = allow === 'GET' ? 'GET, HEAD' : allow;
  }
}

const decodeNames = ({ model, version }: Readonly<Record<string, string | undefined>>): Found['names'] => ({
  ...(model === undefined ? {} : { model: decodeName(model) }),
  ...(version === undefined ? {} : { version: decodeName(version) }),
});

/** A name as it stands in a path. */
export function decodeName(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServerError(404, `there is no model '${text}'`);
  }
}

function modelReady(
  context: RouteContext,
  { model, version }: Found['names'],
  _: IncomingMessage,
  response: ServerResponse,
): void {
  const { name } = context.repository.serving(model!, version);
  json(response, context, { name, ready: true });
}

function statistics(context: RouteContext, { model, version }: Found['names'], response: ServerResponse): void {
  const models = context.repository.loadedOnce(model, version);
  json(response, context, { model_stats: models.map((each) => each.statistics.report(each.name, each.version)) });
}

const metadata = ({ name, contract }: LoadedModel, versions: readonly string[]): unknown => ({
  name,
  versions,
  platform: PLATFORM,
  inputs: contract.inputs.map(specOf),
  outputs: contract.outputs.map(specOf),
});
const specOf = ({ name, datatype, shape }: TensorSpec): TensorSpec => ({ name, datatype, shape });

async function index(
  context: RouteContext,
  _: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await wholeBody(request, context.limits.maxBodyBytes);
  const { ready: only } = body.length === 0 ? {} : parseObject(body);
  if (only !== undefined && typeof only !== 'boolean')
    throw invalid(`got ready ${JSON.stringify(only)}, expected true or false`);
  json(
    response,
    context,
    context.repository.index().filter(({ state }) => only !== true || state === 'READY'),
  );
}

async function load(
  { repository, limits, allowUploads, ...context }: RouteContext,
  { model }: Found['names'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await wholeBody(request, limits.maxModelBytes);
  await repository.load(model!, decodeLoad(model!, body, allowUploads));
  sendJson(response, 200, {}, context.closing);
}
