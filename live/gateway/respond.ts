import { STATUS_CODES } from 'node:http';
import type { Caller } from './caller.ts';
import type { Exchange } from './exchange.ts';
import { GATEWAY_ARMS } from './options.ts';

/** Say which arm answered, by its number. */
const ARM_LINES: readonly string[] = GATEWAY_ARMS.map((arm) => `x-coalmine-arm: ${arm}\r\n`);

/** Passes the upstream's answer on. False when the caller has gone. */
export function forward(caller: Caller, { statusText, kept, arm, body }: Exchange): boolean {
  return caller.answer(statusText, ARM_LINES[arm]! + kept, body);
}

/** The gateway's own answer to a request that no server answered. False when the caller has gone. */
export function refuse(caller: Caller, arm: number, status: number, why: string): boolean {
  return complain(caller, status, why, ARM_LINES[arm]);
}

/** Answers with an error in the protocol's form. */
export function complain(caller: Caller, status: number, error: string, lines = ''): boolean {
  return sayNow(caller, status, `content-type: application/json\r\n${lines}`, Buffer.from(JSON.stringify({ error })));
}

/** Answers on the gateway's own behalf; whoever makes an answer dates it (RFC 9110, 6.6.1). */
export function sayNow(caller: Caller, status: number, lines: string, body: Buffer): boolean {
  return caller.answer(` ${status} ${STATUS_CODES[status]!}`, `date: ${new Date().toUTCString()}\r\n${lines}`, body);
}
