/** A closed loop over raw sockets: as many requests under way as connections, and nearly no work for the client's side. */
import { connect, type Socket } from 'node:net';

export interface Load {
  /** Answers so far. */
  readonly answered: () => number;
  readonly stop: () => void;
}

/** Every connection sends the request, waits for the answer and sends it again. Throws in `answered` when one was no 200. */
export function closedLoop(port: number, connections: number, request: Buffer): Load {
  let answered = 0;
  let bad: string | null = null;
  const sockets = Array.from({ length: connections }, (): Socket => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(request));
    // Answers here are far smaller than a segment: each comes as one piece.
    socket.on('data', (data) => {
      if (data.toString('latin1', 0, 12) !== 'HTTP/1.1 200') bad ??= data.toString();
      answered++;
      socket.write(request);
    });
    socket.on('error', (error) => (bad ??= error.message));
    return socket;
  });
  return {
    answered: () => {
      if (bad !== null) throw new Error(`got ${bad}, expected 200`);
      return answered;
    },
    stop: () => {
      for (const socket of sockets)
        socket
          .removeAllListeners('error')
          .on('error', () => undefined)
          .destroy();
    },
  };
}

export const postRequest = (path: string, body: string): Buffer =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
