import { expect, test } from 'vitest';
import { partOf, withPart } from '../../tools/document.ts';

const [BEGIN, END] = ['<!-- a -->', '<!-- /a -->'];
const document = `before\n${BEGIN}\nold\n${END}\nafter <!-- b -->\n`;

test('a part goes between its markers, the same every time, and nothing else changes', () => {
  const once = withPart(document, BEGIN, END, 'new\n');
  expect(once).toBe(`before\n${BEGIN}\n\nnew\n\n${END}\nafter <!-- b -->\n`);
  expect(withPart(once, BEGIN, END, 'new\n')).toBe(once);
  expect(partOf(once, BEGIN, END)).toBe('new');
});

test("an end before the beginning is another part's", () => {
  const text = `<!-- one -->x<!-- / -->\n<!-- two -->y<!-- / -->`;
  expect(partOf(text, '<!-- two -->', '<!-- / -->')).toBe('y');
  expect(withPart(text, '<!-- two -->', '<!-- / -->', 'z')).toContain('<!-- one -->x<!-- / -->');
});

test('a document that lacks a marker is not written into', () => {
  expect(() => withPart(document, '<!-- c -->', END, 'x')).toThrow('got a document without <!-- c -->');
  expect(() => partOf(document, BEGIN, '<!-- /c -->')).toThrow('got a document without <!-- /c -->');
});
