/** Two servers in one process that answer at once, as replicas would: the upstreams of the gateway's benchmark. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const BODY = Buffer.from(
  '{"model_name":"model","outputs":[{"name":"score","shape":[1],"datatype":"FP32","data":[12.5]}]}',
);
const HEADERS = [
  ['content-type', 'application/json'],
  ['content-length', String(BODY.length)],
  ['x-coalmine-timing', '1;300;0;5000;5010'],
  ['x-coalmine-score', '12.5'],
].flat();

async function startServer(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, HEADERS);
      response.end(BODY);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

process.on('disconnect', () => process.exit());
process.send!(await Promise.all([startServer(), startServer()]));
