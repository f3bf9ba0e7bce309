/** Gathers the lines of a head that are passed on, in as few pieces as they stand in. */
export class KeptLines {
  private text = '';
  private gathered = '';
  private from = 0;

  /** Starts with a head whose field lines begin at character `at`. */
  start(text: string, at: number): void {
    this.text = text;
    this.gathered = '';
    this.from = at;
  }

  /** The line from `lineFrom` to before `lineTo` stays behind. */
  leaveOut(lineFrom: number, lineTo: number): void {
    if (lineFrom > this.from) this.gathered += this.text.slice(this.from, lineFrom);
    this.from = lineTo;
  }

  /** All kept lines, each with its line end, up to `to`. */
  upTo(to: number): string {
    return to > this.from ? this.gathered + this.text.slice(this.from, to) : this.gathered;
  }
}
