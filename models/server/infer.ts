/** Inference requests, from the complete body to the answer. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Job } from './batcher.ts';
import { decodeRequest, type InferenceRequest } from './decode.ts';
import { encodeAnswer } from './encode.ts';
import { asServerError, invalid, ServerError } from './errors.ts';
import type { InferenceCall, ServerHooks } from './hooks.ts';
import { JSON_BYTES, sendAnswer, sendError } from './http.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { Tensor } from './tensor.ts';

/** What all inference requests of a server share. */
export interface Serving {
  readonly clock: () => number;
  readonly hooks: ServerHooks | undefined;
  /** Whether the server is about to close: then every answer is the last of its connection. */
  readonly closing: boolean;
}

/** Answers one inference request of `model`, sooner or later, with a result or an error. */
export function infer(
  serving: Serving,
  model: LoadedModel,
  headers: IncomingHttpHeaders,
  body: Buffer,
  response: ServerResponse,
): void {
  const exchange = new Exchange(serving, model, response);
  model.enter();
  try {
    refuseEncoding(headers);
    const request = decodeRequest(body, jsonBytesOf(headers), model.contract);
    exchange.request = request;
    if (serving.hooks?.serve === undefined) model.submit(exchange.jobOf(request.inputs, request.rows));
    else void exchange.serve(serving.hooks.serve.bind(serving.hooks), headers, request);
  } catch (error) {
    exchange.fail(asServerError(error));
  }
}

/** One request on its way; it is also what waits in the queue, so that nothing more is made for it. */
class Exchange implements Job {
  request: InferenceRequest | null = null;
  inputs: readonly Tensor[] = [];
  rows = 0;
  queuedMs: number;
  private extra: OutgoingHttpHeaders | undefined = undefined;
  private readonly receivedMs: number;
  private readonly serving: Serving;
  private readonly model: LoadedModel;
  private readonly response: ServerResponse;

  constructor(serving: Serving, model: LoadedModel, response: ServerResponse) {
    this.serving = serving;
    this.model = model;
    this.response = response;
    this.receivedMs = serving.clock();
    this.queuedMs = this.receivedMs;
  }

  jobOf(inputs: readonly Tensor[], rows: number): Job {
    this.inputs = inputs;
    this.rows = rows;
    return this;
  }

  succeed(outputs: readonly Tensor[]): void {
    const { model, request, serving, response } = this;
    try {
      const answer = encodeAnswer(model.answerHead, request!.id, outputs, request!.wanted, model.contract);
      sendAnswer(response, answer, serving.closing, this.extra);
    } catch (error) {
      this.fail(asServerError(error));
      return;
    }
    model.statistics.finished(true, serving.clock() - this.receivedMs);
    model.leave();
  }

  fail(error: ServerError): void {
    const { model, serving, response } = this;
    try {
      if (!response.headersSent) sendError(response, error, serving.closing, this.extra);
    } catch (cause) {
      // The headers that a hook gave are what cannot be sent.
      sendError(response, asServerError(cause), serving.closing);
    }
    model.statistics.finished(false, serving.clock() - this.receivedMs);
    model.leave();
  }

  /** The way through the hook. */
  async serve(
    hook: NonNullable<ServerHooks['serve']>,
    headers: IncomingHttpHeaders,
    request: InferenceRequest,
  ): Promise<void> {
    const { model, serving, receivedMs } = this;
    this.extra = {};
    const { name, version } = model;
    const call: InferenceCall = {
      model: name,
      version,
      id: request.id,
      headers,
      inputs: request.inputs,
      answerHeaders: this.extra,
      receivedMs,
    };
    try {
      this.succeed(await hook(call, (inputs) => this.run(inputs, serving.clock())));
    } catch (error) {
      this.fail(asServerError(error));
    }
  }

  private run(inputs: readonly Tensor[], queuedMs: number): Promise<readonly Tensor[]> {
    const rows = this.model.engineContract.rowwise ? (inputs[0]?.shape[0] ?? 1) : 1;
    return new Promise((succeed, fail) => this.model.submit({ inputs, rows, queuedMs, succeed, fail }));
  }
}

const DIGITS = /^\d{1,15}$/;

function jsonBytesOf(headers: IncomingHttpHeaders): number | null {
  const text = headers[JSON_BYTES];
  if (text === undefined) return null;
  if (typeof text === 'string' && DIGITS.test(text)) return Number(text);
  throw invalid(`got header Inference-Header-Content-Length: ${String(text)}, expected a number of bytes`);
}

function refuseEncoding({ 'content-encoding': encoding }: IncomingHttpHeaders): void {
  if (encoding !== undefined && encoding !== 'identity')
    throw new ServerError(415, `got a body with content-encoding ${encoding}, expected none`);
}
