/** Numbers as bytes: whole ones in as few as they need, seven bits at a time. */

export class ByteWriter {
  private data = new Uint8Array(1 << 16);
  private at = 0;

  /** A whole number from 0 to 2^53. */
  whole(value: number): void {
    if (!(Number.isSafeInteger(value) && value >= 0)) throw new RangeError(`got ${value}, expected a whole number`);
    this.room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.data[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.data[this.at++] = rest;
  }

  /** A whole number of either sign. */
  signed(value: number): void {
    this.whole(value < 0 ? -2 * value - 1 : 2 * value);
  }

  double(value: number): void {
    this.room(8);
    new DataView(this.data.buffer).setFloat64(this.at, value);
    this.at += 8;
  }

  bytes(values: Uint8Array): void {
    this.room(values.length);
    this.data.set(values, this.at);
    this.at += values.length;
  }

  close(): Uint8Array<ArrayBuffer> {
    return this.data.slice(0, this.at);
  }

  private room(bytes: number): void {
    if (this.at + bytes <= this.data.length) return;
    const larger = new Uint8Array(Math.max(this.data.length * 2, this.at + bytes));
    larger.set(this.data);
    this.data = larger;
  }
}

/** Throws RangeError when there is nothing left to read. */
export class ByteReader {
  private readonly data: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(data: Uint8Array) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  whole(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.view.getUint8(this.at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  signed(): number {
    const value = this.whole();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  double(): number {
    const value = this.view.getFloat64(this.at);
    this.at += 8;
    return value;
  }

  bytes(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.data.length) throw new RangeError(`got ${this.data.length} bytes, expected at least ${end}`);
    const part = this.data.subarray(this.at, end);
    this.at = end;
    return part;
  }
}
