import type { Socket } from 'node:net';

/** Bodies longer than this are not copied behind their heads. */
const COPIED = 65_536;

/** Writes a message in one go: two writes would be two packets, or cost a list of buffers. False when the socket would rather wait. */
export function writeMessage(socket: Socket, head: string, body: Buffer): boolean {
  if (body.length <= COPIED) {
    const bytes = Buffer.allocUnsafe(head.length + body.length);
    bytes.write(head, 'latin1');
    body.copy(bytes, head.length);
    return socket.write(bytes);
  }
  socket.cork();
  socket.write(head, 'latin1');
  const isWilling = socket.write(body);
  socket.uncork();
  return isWilling;
}
