import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A caller who writes the bytes himself, and sees the bytes of the answers. */
export class RawCaller {
  /** Everything that has come so far. */
  text = '';
  closed = false;
  readonly socket: Socket;
  private readonly waiting = new Set<() => void>();

  constructor(url: string) {
    // He says himself when he has nothing more to say.
    this.socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    onTestFinished(() => void this.socket.destroy());
    this.socket.on('data', (chunk) => this.hear(String(chunk)));
    this.socket.on('end', () => this.end());
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => this.end());
  }

  write(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  /** Resolves when what has come fulfils this, or nothing more can. */
  async until(isEnough: (text: string) => boolean): Promise<string> {
    while (!this.closed && !isEnough(this.text)) await new Promise<void>((resolve) => this.waiting.add(resolve));
    return this.text;
  }

  /** Resolves when the other side has ended the connection. */
  ended(): Promise<string> {
    return this.until(() => false);
  }

  /** Status codes in the order of the answers. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  }

  async answers(count: number): Promise<number[]> {
    await this.until(() => this.statuses.length >= count && this.text.endsWith('}'));
    return this.statuses;
  }

  private hear(text: string): void {
    this.text += text;
    this.wake();
  }

  private end(): void {
    this.closed = true;
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/** A prediction request as bytes; `lines` are more header lines, each with its CRLF. */
export const inferOf = (body: string, lines = ''): string =>
  `POST /v2/models/model/infer HTTP/1.1\r\nhost: x\r\n${lines}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
