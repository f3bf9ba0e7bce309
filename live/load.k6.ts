/* oxlint-disable typescript/no-unnecessary-type-assertion -- the linter reads tsconfig.json, this file's is tsconfig.k6.json */
/**
 * The load as k6 makes it: replays slices at their timestamps, open loop. Run by stock k6 (0.57 and later strip the types
 * themselves; no xk6-ts), which knows no node_modules: everything imported is k6's own, or a pure file of ours by its full name.
 * Types are checked by tsconfig.k6.json.
 *
 * No executor of k6 reads timestamps. So a fixed number of virtual users take the requests in turn, each sleeps until its
 * request is due, sends it, and tells how it went on one line of the console, which the process that started k6 adds up:
 * k6 itself would keep every measurement in memory. When all virtual users are busy a request is sent late, never dropped; its
 * lateness is measured, and its latency counts from when it was due.
 */
import { sleep } from 'k6';
import exec from 'k6/execution';
import { open, SeekMode } from 'k6/experimental/fs';
import http from 'k6/http';
import type { Options } from 'k6/options';
import { endingOf, TIMED_OUT } from './load/ending.ts';
import { CLOSED_LINE, type Ended, endedLine, parkedLine } from './load/k6/lines.ts';
import { PLAN_VARIABLE, type ScriptPlan } from './load/k6/script-plan.ts';
import { bodyOf, headersOf } from './load/request.ts';
import { type Row, readRow, ROW_BYTES } from './load/row.ts';
import { sliceOf } from './load/slice-index.ts';

/** k6's code of a request that timed out, and for how long a virtual user that is no longer needed sleeps, s. */
const REQUEST_TIMEOUT = 1050;
const FOR_EVER_S = 86_400;
/** A virtual user tells of so many requests at once, or of those since the last time. */
const MOST_UNTOLD = 32;
const TELL_EVERY_MS = 250;
/** Only a virtual user with this much time left opens its connection ahead of its first request. */
const TIME_TO_CONNECT_MS = 200;

/** k6's types leave its console to those of browsers. */
declare const console: { log(message: string): void };

const plan = JSON.parse(__ENV[PLAN_VARIABLE] ?? '') as ScriptPlan;
const { index, virtualUsers } = plan;

export const options: Options = {
  scenarios: {
    replay: {
      executor: 'shared-iterations',
      vus: virtualUsers,
      // One more for each virtual user, in which it tells what it has not told and waits for the end.
      iterations: index.rows + virtualUsers,
      maxDuration: `${Math.ceil(plan.maxDurationMs)}ms`,
      gracefulStop: `${plan.timeoutMs + 1000}ms`,
    },
    stop: {
      executor: 'per-vu-iterations',
      exec: 'awaitStop',
      vus: 1,
      iterations: 1,
      maxDuration: `${Math.ceil(plan.maxDurationMs)}ms`,
      gracefulStop: '0s',
    },
  },
  discardResponseBodies: true,
  systemTags: ['scenario', 'status'],
};

// The files' bytes are shared by all virtual users; only the place in them is each one's own.
const files: Awaited<ReturnType<typeof open>>[] = [];
for (const { file } of index.slices) files.push(await open(`${plan.dir}/${file}`));
const bytes = new Uint8Array(ROW_BYTES);
const view = new DataView(bytes.buffer);
const row: Row = { offsetUs: 0, key: 0, user: 0, content: 0 };
const headers: Record<string, string> = {};
const parameters = { headers, timeout: `${plan.timeoutMs}ms` };
/** What this virtual user has not told yet. */
const untold: Ended[] = [];
let toldAtMs = 0;
let connected = false;
let allWereActive = false;

export default async function replay(): Promise<void> {
  const number = exec.scenario.iterationInTest;
  if (number >= index.rows) return rest(CLOSED_LINE);
  const dueMs = await dueOf(number);
  if (!connected && dueMs - Date.now() > TIME_TO_CONNECT_MS) http.get(`${origin(plan.url)}/v2/health/live`);
  connected = true;
  for (let leftMs = dueMs - Date.now(); leftMs > 0; leftMs = dueMs - Date.now()) sleep(leftMs / 1000);
  if (isStopped()) return rest(parkedLine(number));
  const flat = headersOf(number, row);
  for (let i = 0; i < flat.length; i += 2) headers[flat[i]!] = flat[i + 1]!;
  const body = bodyOf(number, row);
  // Whole ms rounded down: up to 1 ms of lateness goes unseen.
  const latenessMs = Math.max(Date.now() - dueMs, 0);
  const { status, error_code, timings } = http.post(plan.url, body, parameters);
  // k6 counts its duration from when a connection was there.
  const serviceMs = timings.blocked + timings.duration;
  const correctedMs = latenessMs + serviceMs;
  const ending = error_code === REQUEST_TIMEOUT ? TIMED_OUT : endingOf(status);
  untold.push({ number, latenessMs, serviceMs, correctedMs, ending });
  if (untold.length === MOST_UNTOLD || Date.now() - toldAtMs > TELL_EVERY_MS) tell();
}

/** Reads request `number` into `row`; when it is due, epoch ms. */
async function dueOf(number: number): Promise<number> {
  const place = sliceOf(index.slices, number);
  const slice = index.slices[place]!;
  const file = files[place]!;
  await file.seek((number - slice.first) * ROW_BYTES, SeekMode.Start);
  await file.read(bytes);
  readRow(view, 0, row);
  return plan.startAtMs + slice.startMs + row.offsetUs / 1000;
}

const origin = (url: string): string => url.split('/').slice(0, 3).join('/');

/**
 * Virtual users share no memory, but they all see how many of them are active: one fewer than there were once `awaitStop` has
 * returned, since none of the others leaves before the end.
 */
function isStopped(): boolean {
  const { vusActive } = exec.instance;
  if (vusActive > virtualUsers) allWereActive = true;
  return allWereActive && vusActive <= virtualUsers;
}

/** This virtual user has nothing more to do. When all have said so everything is told, and k6 is ended from outside. */
function rest(line: string): void {
  tell();
  console.log(line);
  sleep(FOR_EVER_S);
}

function tell(): void {
  if (untold.length > 0) console.log(endedLine(untold));
  untold.length = 0;
  toldAtMs = Date.now();
}

/** Ends when the load is to end early. */
export function awaitStop(): void {
  while (http.get(plan.stopUrl, { timeout: `${Math.ceil(plan.maxDurationMs)}ms` }).status !== 200) sleep(0.1);
}
