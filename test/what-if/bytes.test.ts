import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../what-if/bytes.ts';

test('numbers come back as they went in, whatever their size', () => {
  const whole = fc.maxSafeNat();
  const signed = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const part = fc.record({ whole, signed, double: fc.double(), bytes: fc.uint8Array({ maxLength: 300 }) });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 400 }), (parts) => {
      const out = new ByteWriter();
      for (const each of parts) {
        out.whole(each.whole);
        out.signed(each.signed);
        out.double(each.double);
        out.whole(each.bytes.length);
        out.bytes(each.bytes);
      }
      const from = new ByteReader(out.close());
      for (const each of parts) {
        expect(from.whole()).toBe(each.whole);
        expect(from.signed()).toBe(each.signed === 0 ? 0 : each.signed);
        expect(from.double()).toBe(each.double);
        expect([...from.bytes(from.whole())]).toEqual([...each.bytes]);
      }
      expect(() => from.whole()).toThrow(RangeError);
    }),
    { numRuns: 50 },
  );
});

test('what is no whole number is refused', () => {
  for (const wrong of [-1, 0.5, Number.NaN, 2 ** 60]) expect(() => new ByteWriter().whole(wrong)).toThrow(RangeError);
});
