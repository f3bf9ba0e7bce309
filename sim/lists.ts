import type { ListPair } from '../models/content.ts';
import type { ListScores } from '../models/ranking/list-scores.ts';
import { DIVERSITY_STEP, NOVELTY_STEP, OVERLAP_STEP } from '../scenarios/measures.ts';
import type { Outcomes } from '../scenarios/scenario.ts';
import type { Cell } from '../telemetry/cell.ts';
import type { EngineParts } from './engine-parts.ts';
import { LIST, rankBiasedOverlap, sharedItems } from './list-overlap.ts';
import type { Stream } from './random.ts';
import { armOf, MIRRORED, type Registers, WITHOUT_FEATURES } from './registers.ts';

const CANDIDATE = 1;
/** Numbers of the measures, in the order of scenarios/measures.ts. */
const PRECISION = 0;
const DIVERSITY = 1;
const NOVELTY = 2;
const OVERLAP = 0;
const BIASED = 1;
const UNKNOWN = 0xff;

/**
 * What answered requests' lists are worth, whether something of them is played, and how alike both models' lists are. Lists belong to
 * contents, so each pair of them is compared once and remembered.
 */
export class Lists {
  /** By arm: baseline, candidate. The control cohort runs the baseline's model. */
  private readonly lists: readonly [ListPair, ListPair];
  private readonly stream: Stream;
  private readonly registers: Registers;
  /** By content, and by whether each copy lacked its features. */
  private readonly shared: Uint8Array;
  private readonly biased: Uint16Array;

  /** Null unless the outcomes are plays. Throws RangeError when the models have no lists then: pre-flight.ts asks first. */
  static of({ kind }: Outcomes, { content, streams, registers }: EngineParts): Lists | null {
    if (kind !== 'plays') return null;
    const [baseline, candidate] = content?.scores.map(({ lists }) => lists) ?? [];
    if (baseline == null || candidate == null)
      throw new RangeError('got models without lists, expected ranking models');
    return new Lists([baseline, candidate], content!.content.rows, streams('outcomes'), registers);
  }

  constructor(lists: readonly [ListPair, ListPair], rows: number, stream: Stream, registers: Registers) {
    this.lists = lists;
    this.stream = stream;
    this.registers = registers;
    this.shared = new Uint8Array(4 * rows).fill(UNKNOWN);
    this.biased = new Uint16Array(4 * rows);
  }

  /** Counts the list of the answered request whose times are in the registers, and its label unless no user saw it. */
  count(cell: Cell, kind: number, content: number): void {
    const scores = this.of(kind);
    const measures = cell.measures!;
    measures.record(PRECISION, scores.hits[content]!);
    measures.record(DIVERSITY, steps(scores.diversity[content]!, DIVERSITY_STEP));
    measures.record(NOVELTY, steps(scores.noveltyBits[content]!, NOVELTY_STEP));
    if ((kind & MIRRORED) !== 0) return;
    cell.labelled(this.registers.doneMs, this.stream.next() < scores.play[content]!, this.registers.user);
  }

  /** Counts what both lists for a mirrored request are worth, and how alike they are. */
  compare(cell: Cell, content: number, baseline: number, candidate: number): void {
    const [b, c] = [this.of(baseline), this.of(candidate)];
    const measures = cell.pairs.measures!;
    measures.record(PRECISION, b.hits[content]!, c.hits[content]!);
    measures.record(
      DIVERSITY,
      steps(b.diversity[content]!, DIVERSITY_STEP),
      steps(c.diversity[content]!, DIVERSITY_STEP),
    );
    measures.record(
      NOVELTY,
      steps(b.noveltyBits[content]!, NOVELTY_STEP),
      steps(c.noveltyBits[content]!, NOVELTY_STEP),
    );
    const at = 4 * content + (lacks(baseline) ? 2 : 0) + (lacks(candidate) ? 1 : 0);
    if (this.shared[at] === UNKNOWN) {
      const from = LIST * content;
      this.shared[at] = sharedItems(b.items, from, c.items, from);
      this.biased[at] = steps(rankBiasedOverlap(b.items, from, c.items, from), OVERLAP_STEP);
    }
    measures.recordOwn(OVERLAP, this.shared[at]!);
    measures.recordOwn(BIASED, this.biased[at]!);
  }

  private of(kind: number): ListScores {
    const lists = this.lists[armOf(kind) === CANDIDATE ? CANDIDATE : 0];
    return lacks(kind) ? lists.withoutFeatures : lists.values;
  }
}

const lacks = (kind: number): boolean => (kind & WITHOUT_FEATURES) !== 0;
const steps = (value: number, step: number): number => Math.round(value / step);
