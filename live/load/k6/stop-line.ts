import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An address that answers once it is pulled, and not before: how a running k6 hears that the load is over. */
export interface StopLine {
  readonly url: string;
  pull(): void;
  close(): void;
}

export async function openStopLine(): Promise<StopLine> {
  const waiting = new Set<ServerResponse>();
  let pulled = false;
  const server = createServer((request, response) => {
    if (pulled) return response.end();
    waiting.add(response);
    request.on('close', () => waiting.delete(response));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    pull() {
      pulled = true;
      for (const response of waiting) response.end();
      waiting.clear();
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
