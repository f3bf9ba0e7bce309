/**
 * The least that any proxy in Node can do: hands bytes from one socket to another without looking at them, so it could neither split nor
 * count. Answers every message with the CPU time it has used, ms.
 */
import { type AddressInfo, connect, createServer } from 'node:net';

const port = Number(new URL(process.argv[2]!).port);

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
  client.on('data', (chunk) => upstream.write(chunk));
  upstream.on('data', (chunk) => client.write(chunk));
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
  for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send!((user + system) / 1000);
});
process.on('disconnect', () => process.exit());
