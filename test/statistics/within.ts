import { expect } from 'vitest';

/** `got` is `expected` to a relative 1e-6, the tolerance of every check value of the specification, or to an absolute one. */
export function within(got: number, expected: number, relative = 1e-6, absolute = 0): void {
  expect(
    Math.abs(got - expected) <= Math.max(absolute, relative * Math.abs(expected)),
    `got ${got}, expected ${expected}`,
  ).toBe(true);
}
