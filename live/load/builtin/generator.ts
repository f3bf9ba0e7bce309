import { Pool } from 'undici';
import { nowMs } from '../clock.ts';
import type { Ending } from '../ending.ts';
import type { LoadCounts, LoadLimits, LoadPlan, LoadReport } from '../plan.ts';
import { bodyOf, headersOf } from '../request.ts';
import type { Row } from '../row.ts';
import { type Piece, readIndex, readSlices } from '../slice-reader.ts';
import type { SliceIndex } from '../slice-index.ts';
import { Tally } from '../tally.ts';
import { reasonsAgainst } from '../verdict.ts';
import { Deadlines, Flight } from './flight.ts';
import { dueBy, waitMs } from './pacer.ts';

/** Connections opened before the start, and how many there may be at least. Beyond, requests wait for one. */
const WARM_CONNECTIONS = 32;
const MOST_CONNECTIONS = 1024;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Replays slices at their timestamps, open loop: a request is sent when it is due, whatever became of those before it, and its
 * latency counts from when it was due.
 */
export class Generator {
  private readonly plan: LoadPlan;
  private readonly index: SliceIndex;
  private readonly pool: Pool;
  private readonly path: string;
  private readonly tally = new Tally();
  private readonly deadlines: Deadlines;
  private readonly row: Row = { offsetUs: 0, key: 0, user: 0, content: 0 };
  private stopping = false;
  private maxInFlight = 0;
  /** Requests due so far, sent or not. */
  private offered = 0;

  constructor(plan: LoadPlan) {
    this.plan = plan;
    this.index = readIndex(plan.slices);
    const url = new URL(plan.url);
    this.path = url.pathname;
    const connections = Math.max(MOST_CONNECTIONS, plan.expectedMaxInFlight);
    // Time-outs are ours: undici's own are half a second coarse.
    this.pool = new Pool(url.origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
    this.deadlines = new Deadlines(plan.timeoutMs);
  }

  get counts(): LoadCounts {
    return this.tally.counts(this.offered);
  }

  /** No request is sent any more; `run` ends when those on their way have ended. */
  stop(): void {
    this.stopping = true;
  }

  /** Sends everything, waits for the last answer, and reports. */
  async run(limits: LoadLimits): Promise<LoadReport> {
    await this.warm();
    while (!this.stopping && nowMs() < this.plan.startAtMs - 5) await sleep(5);
    const startCpu = process.cpuUsage();
    const startMs = nowMs();
    for await (const piece of readSlices(this.plan.slices, this.index)) {
      await this.replay(piece);
      if (this.stopping) break;
    }
    while (this.tally.inFlight > 0) {
      this.deadlines.sweep(nowMs());
      await sleep(5);
    }
    const { user, system } = process.cpuUsage(startCpu);
    const cpuMs = (user + system) / 1000;
    const cpuShare = cpuMs / (nowMs() - startMs);
    await this.pool.destroy();
    const measured = { ...this.counts, ...this.tally.times(), maxInFlight: this.maxInFlight, cpuMs, cpuShare };
    const reasons = reasonsAgainst('builtin', measured, limits);
    const valid = reasons.length === 0;
    return { generator: 'builtin', ...measured, valid, reasons, exit: valid ? null : 5 };
  }

  private async replay(piece: Piece): Promise<void> {
    let sent = 0;
    for (;;) {
      const atMs = nowMs();
      const elapsedUs = (atMs - this.plan.startAtMs) * 1000;
      const due = dueBy(piece, sent, elapsedUs);
      this.offered += due - sent;
      for (; sent < due; sent++) this.send(piece, sent);
      this.deadlines.sweep(atMs);
      if (sent === piece.count || this.stopping) return;
      await sleep(waitMs(piece, sent, (nowMs() - this.plan.startAtMs) * 1000));
    }
  }

  private send(piece: Piece, i: number): void {
    const number = piece.first + i;
    const row = piece.read(i, this.row);
    const dueMs = this.plan.startAtMs + piece.dueUs(i) / 1000;
    const flight = new Flight(dueMs, nowMs(), this.onEnd);
    this.tally.send(flight.sentMs - dueMs);
    this.maxInFlight = Math.max(this.maxInFlight, this.tally.inFlight);
    this.deadlines.add(flight);
    this.pool.dispatch(
      { path: this.path, method: 'POST', headers: headersOf(number, row), body: bodyOf(number, row) },
      flight,
    );
  }

  private readonly onEnd = (flight: Flight, ending: Ending | null): void => {
    if (ending === null) return this.tally.neverSent();
    const atMs = nowMs();
    this.tally.end(ending, atMs - flight.sentMs, atMs - flight.dueMs);
  };

  /** Opens connections, so that the first requests do not pay for them. Any answer will do, also none: the load itself will tell. */
  private async warm(): Promise<void> {
    const count = Math.min(WARM_CONNECTIONS, this.plan.expectedMaxInFlight);
    const one = async (): Promise<void> => {
      const { body } = await this.pool.request({ path: '/v2/health/live', method: 'GET', headersTimeout: 1000 });
      await body.dump();
    };
    await Promise.allSettled(Array.from({ length: count }, one));
  }
}
