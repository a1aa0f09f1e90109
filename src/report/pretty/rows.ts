import type { Paint } from './paint.ts';
import { wrap } from './width.ts';

/** Something to paste, which must not be broken across lines. */
export interface Paste {
  readonly paste: string;
}

/** A label and what it says; each text begins a line of its own. */
export type Row = readonly [label: string, texts: readonly (string | Paste)[]];

const LABEL_COLUMNS = 11;

/** Rows under each other, labels dimmed, texts wrapped beside them. Rows without a text are left out. */
export function rowLines(rows: readonly Row[], paint: Paint, columns: number): string[] {
  return rows.flatMap(([label, texts]) =>
    texts
      .filter((text) => text !== '')
      .flatMap((text) => (typeof text === 'string' ? wrap(text, columns - LABEL_COLUMNS - 2) : [text.paste]))
      .map((line, index) => `  ${paint('dim', (index === 0 ? label : '').padEnd(LABEL_COLUMNS))}${line}`),
  );
}
