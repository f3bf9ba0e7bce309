/**
 * The least that a proxy of Node's HTTP server and undici's pool can do: reads a request, sends it on, sends the answer back. It is why the
 * gateway reads HTTP itself. Answers every message with the CPU time it has used, ms.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Dispatcher, Pool } from 'undici';

const pool = new Pool(process.argv[2]!);

class Answer implements Dispatcher.DispatchHandler {
  private readonly response: ServerResponse;
  private readonly chunks: Buffer[] = [];

  constructor(response: ServerResponse) {
    this.response = response;
  }

  onRequestStart(): void {
    // Nothing to do; undici requires it.
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.response.statusCode = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.response.end(this.chunks[0]);
  }

  onResponseError(): void {
    this.response.destroy();
  }
}

const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const headers = ['content-type', 'application/json'];
    pool.dispatch({ method: 'POST', path: request.url!, headers, body: chunks[0]! }, new Answer(response));
  });
});
server.listen(0, '127.0.0.1', () => process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send!((user + system) / 1000);
});
process.on('disconnect', () => process.exit());
