/** What faults that are aimed at single segments do to one arm, by segment number: factors, all 1 when nothing is wrong. */
export class SegmentFactors {
  readonly service: Float64Array;
  readonly score: Float64Array;
  readonly fetch: Float64Array;
  /** Share of the fetches that find their features. */
  readonly found: Float64Array;

  constructor(segments: number) {
    const ones = (): Float64Array => new Float64Array(segments).fill(1);
    this.service = ones();
    this.score = ones();
    this.fetch = ones();
    this.found = ones();
  }
}
