import { SUCCESS_STEP_MS } from '../scenarios/measures.ts';
import type { Outcomes } from '../scenarios/scenario.ts';
import type { Cell } from '../telemetry/cell.ts';
import { DrawnTimes } from './drawn-times.ts';
import type { Stream, Streams } from './random.ts';
import { armOf, type Registers } from './registers.ts';

const CANDIDATE = 1;
/** Numbers of the measures, in the order of scenarios/measures.ts. */
const CLICK = 0;
const TIME = 1;

/**
 * What becomes of a query: a click, and with some of the clicks success, a while after the answer. All of it is counted when the label
 * window has passed, in every arm alike, so that young queries make no arm look worse; success that comes later
 * than that is missed. Times to success are of the full size, as the window is: a compressed schedule compresses both.
 */
export class Queries {
  private readonly clicks: Float64Array;
  private readonly successes: Float64Array;
  private readonly times: readonly DrawnTimes[];
  private readonly windowMs: number;
  private readonly stream: Stream;
  private readonly registers: Registers;

  /** `timeScale`: by how much the schedule is compressed. */
  constructor(
    { baseline, candidate, labelDelayMs }: Extract<Outcomes, { kind: 'queries' }>,
    timeScale: number,
    streams: Streams,
    registers: Registers,
  ) {
    const arms = [baseline, candidate];
    this.clicks = Float64Array.from(arms, ({ clickThrough }) => clickThrough);
    this.successes = Float64Array.from(arms, ({ success }) => success);
    this.times = arms.map(
      ({ timeToSuccess }, i) =>
        new DrawnTimes(timeToSuccess, streams(`outcomes/time/${i === 0 ? 'baseline' : 'candidate'}`)),
    );
    this.windowMs = labelDelayMs * timeScale;
    this.stream = streams('outcomes');
    this.registers = registers;
  }

  /** Counts what becomes of the answered query whose times are in the registers. */
  label(cell: Cell, kind: number): void {
    // The control cohort runs the baseline's model.
    const arm = armOf(kind) === CANDIDATE ? CANDIDATE : 0;
    const { doneMs, user } = this.registers;
    const measures = cell.measures!;
    const draw = this.stream.next();
    measures.recordLater(doneMs, CLICK, draw < this.clicks[arm]! ? 1 : 0);
    let succeeded = false;
    if (draw < this.successes[arm]!) {
      const timeMs = this.times[arm]!.next();
      succeeded = timeMs <= this.windowMs;
      if (succeeded) measures.recordLater(doneMs, TIME, Math.round(timeMs / SUCCESS_STEP_MS));
    }
    cell.labelled(doneMs, succeeded, user);
  }
}
