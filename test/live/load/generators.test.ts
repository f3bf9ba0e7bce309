/** Both generators against a small server of our own. Nothing is said about how fast this machine is. */
import { afterEach, describe, expect, test } from 'vitest';
import { bodyOf } from '../../../live/load/request.ts';
import type { GeneratorKind, LoadReport } from '../../../live/load/plan.ts';
import { readIndex, readSlices } from '../../../live/load/slice-reader.ts';
import { startUpMs } from '../../../live/load/start.ts';
import {
  after,
  begin,
  GENERATORS,
  k6,
  NO_LIMITS,
  now,
  type Received,
  type Server,
  serve,
  slicesOf,
} from './support.ts';

let server: Server | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

/** What the slices say should reach the server, and when. */
async function expected(dir: string, startAtMs: number): Promise<Received[]> {
  const all: Received[] = [];
  for await (const piece of readSlices(dir, readIndex(dir))) {
    for (let i = 0; i < piece.count; i++) {
      const row = piece.read(i, { offsetUs: 0, key: 0, user: 0, content: 0 });
      const number = piece.first + i;
      all.push({
        atMs: startAtMs + piece.dueUs(i) / 1000,
        number,
        user: row.user,
        content: 0,
        body: JSON.parse(bodyOf(number, row)),
      });
    }
  }
  return all;
}

const sums = (r: LoadReport): void => {
  expect(r.sent).toBe(r.completed + r.errors + r.timedOut + r.interrupted);
  expect(r.offered).toBe(r.sent + r.dropped);
};

describe.each(GENERATORS)('%s', (kind: GeneratorKind) => {
  test('sends every request of every slice once, as it stands there, never before its time, and counts what comes of it', async () => {
    server = await serve(after(5, (number) => (number % 10 === 3 ? 500 : 200)));
    const { dir } = await slicesOf('150/s', 2000, { sliceMs: 900 });
    const startAtMs = now() + startUpMs(kind, { expectedMaxInFlight: 40 });
    const report = await begin(kind, { slices: dir, url: server.url, startAtMs }).done;
    const { rows } = readIndex(dir);
    const failing = Array.from({ length: rows }, (_, i) => i).filter((i) => i % 10 === 3).length;
    const received = server.received.toSorted((a, b) => a.number - b.number);
    const wanted = await expected(dir, startAtMs);
    expect(received).toEqual(wanted.map((each, i) => ({ ...each, atMs: received[i]?.atMs })));
    // k6 knows whole milliseconds.
    expect(received.filter(({ atMs }, i) => atMs < wanted[i]!.atMs - 1)).toEqual([]);
    expect(report).toMatchObject({
      generator: kind,
      offered: rows,
      sent: rows,
      errors: failing,
      dropped: 0,
      timedOut: 0,
    });
    expect(report).toMatchObject({ valid: true, reasons: [], exit: null });
    expect(report.serviceMs!.p50).toBeGreaterThanOrEqual(4);
    expect(report.correctedMs!.p50).toBeGreaterThanOrEqual(report.serviceMs!.p50 - 1);
    expect(report.cpuMs).toBeGreaterThan(0);
    sums(report);
    console.log(
      `${kind}: ${Math.round((report.cpuMs * 1000) / report.sent)} CPU-µs a request, lateness p50 ` +
        `${report.latenessMs.p50!.toFixed(2)} p99 ${report.latenessMs.p99!.toFixed(2)} ms`,
    );
  });

  test('shows a stall of the server in the corrected latency, not as drops', async () => {
    let stalledUntilMs = 0;
    server = await serve((number, response) => {
      if (number === 100) stalledUntilMs = now() + 1000;
      setTimeout(() => response.end('{}'), Math.max(stalledUntilMs - now(), 5));
    });
    const { dir } = await slicesOf('150/s', 3000);
    // Few virtual users on purpose: k6 then sends late, which the corrected latency must not hide.
    const report = await begin(kind, { slices: dir, url: server.url, expectedMaxInFlight: 40 }).done;
    expect(report).toMatchObject({ offered: readIndex(dir).rows, dropped: 0, errors: 0 });
    // A third of the run: the p50 knows little of it, the p95 all.
    expect(report.correctedMs!.max).toBeGreaterThan(900);
    expect(report.correctedMs!.p95).toBeGreaterThan(500);
  });

  test('makes a run invalid that was sent late', async () => {
    server = await serve(after(1));
    const { dir } = await slicesOf('100/s', 1500);
    // Four fifths of the requests are overdue when the generator begins, however quickly it does.
    const startAtMs = now() - 1200;
    // Few virtual users, each with much to tell in the end.
    const report = await begin(
      kind,
      { slices: dir, url: server.url, startAtMs, expectedMaxInFlight: 3 },
      { limits: { latenessMsP99: 50 } },
    ).done;
    expect(report).toMatchObject({ valid: false, exit: 5, dropped: 0, offered: readIndex(dir).rows });
    // Catching up may take most of a core for its short while, which is another reason.
    expect(report.reasons).toContainEqual(
      expect.stringMatching(/^requests were sent late: p99 \d+\.\d ms, expected at most 50\.0 ms$/),
    );
    expect(report.latenessMs.max).toBeGreaterThan(500);
    // Latency counts from when the request was due: most were due before the generator ran.
    expect(report.correctedMs!.p50).toBeGreaterThan(report.latenessMs.p50! - 1);
    expect(report.correctedMs!.p50).toBeGreaterThan(report.serviceMs!.p50 + 50);
  });

  test('gives up on a request after the time-out, and nobody waits for it', async () => {
    server = await serve((number, response) => {
      if (number % 5 !== 0) response.end('{}');
    });
    const { dir } = await slicesOf('100/s', 1000);
    const report = await begin(kind, { slices: dir, url: server.url, timeoutMs: 300 }).done;
    const { rows } = readIndex(dir);
    expect(report).toMatchObject({ sent: rows, timedOut: Math.ceil(rows / 5), errors: 0, dropped: 0, valid: true });
    expect(report.serviceMs!.max).toBeGreaterThan(290);
    sums(report);
  });

  test('counts what nobody accepts as errors', async () => {
    const closed = await serve(after(1));
    await closed.close();
    const { dir } = await slicesOf('100/s', 500);
    const report = await begin(kind, { slices: dir, url: closed.url }).done;
    const { rows } = readIndex(dir);
    expect(report).toMatchObject({ offered: rows, sent: rows, errors: rows, completed: 0, dropped: 0 });
  });

  test('stops early when told: everything due by then is sent, nothing on its way is lost, the rest is not offered', async () => {
    const { dir } = await slicesOf('200/s', 60_000);
    const stopped: Promise<LoadReport>[] = [];
    server = await serve((number, response) => {
      if (number === 150) stopped.push(load.stop());
      after(100)(number, response);
    });
    const load = begin(kind, { slices: dir, url: server.url, expectedMaxInFlight: 60 });
    const report = await load.done;
    expect(await stopped[0]).toBe(report);
    expect(report).toMatchObject({ reasons: [], valid: true, dropped: 0, errors: 0, interrupted: 0, exit: null });
    expect(report.sent).toBe(report.completed);
    expect(report.sent).toBe(server.received.length);
    expect(report.sent).toBeGreaterThan(150);
    expect(report.sent).toBeLessThan(600);
  });

  test('that hangs is ended when it is told to stop, and is an invalid load', async () => {
    const { dir } = await slicesOf('100/s', 60_000);
    server = await serve((number, response) => {
      if (number === 50) {
        process.kill(-load.pid!, 'SIGSTOP');
        void load.stop();
      }
      after(1)(number, response);
    });
    const load = begin(kind, { slices: dir, url: server.url, timeoutMs: 200 });
    const report = await load.done;
    expect(report).toMatchObject({ valid: false, exit: 5 });
    expect(report.reasons[0]).toContain('SIGKILL');
  });

  test('killed on the way, comes back as an invalid load with what was dropped', async () => {
    const { dir } = await slicesOf('100/s', 60_000);
    server = await serve((number, response) => {
      if (number === 150) process.kill(-load.pid!, 'SIGKILL');
      after(1)(number, response);
    });
    const load = begin(kind, { slices: dir, url: server.url });
    const report = await load.done;
    expect(report).toMatchObject({ valid: false, exit: 5 });
    expect(report.reasons[0]).toContain('SIGKILL');
    expect(report.offered).toBeGreaterThan(100);
    expect(report.offered).toBeLessThan(5000);
    sums(report);
  });
});

test.runIf(k6 !== null)(
  'k6: what its virtual users never came to send is dropped, and makes the run invalid',
  async () => {
    // Two users, each held for the whole time-out by every request: most have to be left when the run is over.
    server = await serve(() => undefined);
    const { dir } = await slicesOf('100/s', 1000);
    const plan = { slices: dir, url: server.url, timeoutMs: 500, expectedMaxInFlight: 2 };
    const report = await begin('k6', plan).done;
    expect(report.dropped).toBeGreaterThan(30);
    expect(report).toMatchObject({ valid: false, exit: 5, offered: readIndex(dir).rows });
    expect(report.reasons[0]).toMatch(/^\d+ of \d+ requests were due and never sent$/);
  },
);

test('builtin: a request that finds no connection within its time-out was never sent: dropped', async () => {
  server = await serve(() => undefined);
  // Three times as many as there are connections, all due at once: they give up together, before a connection falls free.
  const { dir } = await slicesOf('300000/s', 10);
  const report = await begin('builtin', { slices: dir, url: server.url, timeoutMs: 1500, expectedMaxInFlight: 1 }).done;
  expect(report.dropped).toBeGreaterThan(0);
  expect(report.dropped + report.sent).toBe(readIndex(dir).rows);
  expect(report).toMatchObject({ valid: false, completed: 0, timedOut: report.sent });
});

test.runIf(k6 !== null)('both generators agree on one slice: rows sent, errors, corrected p50', async () => {
  const { dir } = await slicesOf('120/s', 2500);
  const reports: LoadReport[] = [];
  for (const kind of GENERATORS) {
    const own = await serve(after(100, (number) => (number % 7 === 0 ? 503 : 200)));
    reports.push(await begin(kind, { slices: dir, url: own.url }, NO_LIMITS).done);
    await own.close();
  }
  const [builtin, ofK6] = reports as [LoadReport, LoadReport];
  expect(ofK6.sent).toBe(builtin.sent);
  expect(ofK6.errors).toBe(builtin.errors);
  const [a, b] = [builtin.correctedMs!.p50, ofK6.correctedMs!.p50];
  expect(Math.min(a, b)).toBeGreaterThan(99);
  expect(Math.max(a, b) / Math.min(a, b)).toBeLessThan(2);
});
