/** The least that a server in Node can do: takes a body, answers a constant. Says its port on stdout. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const ANSWER = JSON.stringify({ outputs: [{ name: 'eta', datatype: 'FP32', shape: [1, 1], data: [71.5] }] });

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const { user, system } = process.cpuUsage();
    const body = request.url === '/metrics' ? `process_cpu_seconds_total ${(user + system) / 1e6}\n` : ANSWER;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
