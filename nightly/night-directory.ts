/** A night's directory: what it has promised to be, and which process is at it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput, fileIssue } from '../config/issues.ts';
import { type Host, isSameHost } from '../host.ts';
import { isRunning, removePartials, writeFileAtomic } from '../storage/files.ts';

export const PLAN = 'plan.json';
export const RESULT = 'result.json';
export const MANIFEST = 'manifest.json';
/** Rehearsals are in here, one folder each. */
export const REHEARSALS = 'rehearsals';
/** Holds the number of the process that is at it. */
const OCCUPIED = 'occupied';

/** What a night that is under way has promised to be. */
export interface NightPlan {
  readonly schemaVersion: 1;
  readonly kind: 'night';
  /** Hash of the suite. */
  readonly suite: string;
  readonly code: string;
  readonly host: Host;
  readonly startedAtMs: number;
}

/** Whether a night is there, finished or not. */
export const isNight = (path: string): boolean => existsSync(join(path, PLAN)) && planIn(path) !== null;

/** The first of `path`, `path.2`, … that is free, or holds this very night, interrupted. */
export function placeFor(path: string, plan: NightPlan): string {
  for (let n = 1; ; n++) {
    const place = n === 1 ? path : `${path}.${n}`;
    if (!existsSync(place) || (typeof found(place, plan) !== 'string' && occupant(place) === null)) return place;
  }
}

/**
 * Takes up a night: begins it, or goes on with the one that was interrupted here. Throws BadInput when the directory holds anything else, or
 * another process is at it. `leave` lets others in again.
 */
export function takeUp(out: string, fresh: NightPlan): { readonly plan: NightPlan; readonly leave: () => void } {
  const there = existsSync(out) ? found(out, fresh) : fresh;
  if (typeof there === 'string')
    throw new BadInput([
      fileIssue(out, `got ${there}, expected a new directory, or an interrupted night of this suite`),
    ]);
  mkdirSync(out, { recursive: true });
  const leave = occupy(out);
  removePartials(out);
  writeFileAtomic(join(out, PLAN), `${JSON.stringify(there, null, 2)}\n`);
  return { plan: there, leave };
}

/** The plan of the night at `out`: the one planned, or the same one begun earlier; in words what else is there. */
function found(out: string, fresh: NightPlan): NightPlan | string {
  const names = readdirSync(out).filter((name) => name !== OCCUPIED && !name.includes('.partial-'));
  if (names.length === 0) return fresh;
  if (!names.includes(PLAN)) return 'something that is no night';
  if (names.includes(MANIFEST)) return 'a finished night';
  const plan = planIn(out);
  if (plan === null) return `a night whose ${PLAN} is damaged`;
  if (plan.suite !== fresh.suite) return 'a night of another suite, or of this one as it was';
  if (plan.code !== fresh.code) return 'a night that other code has begun';
  if (!isSameHost(plan.host, fresh.host)) return 'a night that another machine has begun';
  return { ...fresh, startedAtMs: plan.startedAtMs };
}

/** The last moment that a date can say. */
const LATEST_MS = 8.64e15;

/** Null when the plan cannot be read, or is another thing's. */
function planIn(path: string): NightPlan | null {
  try {
    const plan = JSON.parse(readFileSync(join(path, PLAN), 'utf8')) as Partial<NightPlan>;
    const { kind, startedAtMs = -1, host } = plan;
    const isWhole =
      kind === 'night' && startedAtMs >= 0 && startedAtMs <= LATEST_MS && typeof host === 'object' && host !== null;
    return isWhole ? (plan as NightPlan) : null;
  } catch {
    return null;
  }
}

/** Two processes in one directory would do everything twice, and take each other's time. */
function occupy(out: string): () => void {
  const file = join(out, OCCUPIED);
  for (;;) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = occupant(out);
    if (pid !== null)
      throw new BadInput([
        fileIssue(out, `got a night that process ${pid} is at, expected one at a time (if it is not: remove ${file})`),
      ]);
    rmSync(file, { force: true });
  }
}

/** The living process that is at it; null without one. */
function occupant(out: string): number | null {
  try {
    const pid = Number(readFileSync(join(out, OCCUPIED), 'utf8'));
    return pid > 0 && pid !== process.pid && isRunning(pid) ? pid : null;
  } catch {
    return null;
  }
}
