import { describe, expect, test } from 'vitest';

import { snippetLines } from '../../src/report/pretty/snippet-lines.ts';
import { FOCUS_MASK } from '../../src/report/snippet.ts';
import { occurrence } from '../helpers/findings.ts';

const plain = (_: unknown, text: string): string => text;

function shown(before: string, columns: number): string[] {
  const snippet = `${before}${FOCUS_MASK}last" // and more`;
  return snippetLines(occurrence({ snippet }), 'last', plain, columns);
}

describe('the line of a finding', () => {
  test.each([0, 10, 60, 61, 69, 100, 150])('shows the secret after %i characters in 80 columns', (count) => {
    const [line = '', mark = ''] = shown('x'.repeat(count), 80);
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).toContain(`${FOCUS_MASK}last`);
    expect(mark.indexOf('^')).toBe(line.indexOf(FOCUS_MASK));
  });

  test('begins with the line where that has room', () => {
    expect(shown('key = "', 80)[0]).toContain('│ key = "');
    expect(shown('y'.repeat(100), 80)[0]).toContain('│ …y');
  });
});
