/** The labelled corpus: files, and for each line of them that matters what stands there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { type Draw, drawing } from './draw.ts';
import { BLOCK_FORMATS, type Entry, FORMATS, type Format } from './files.ts';
import { INNOCENTS, type Innocent } from './innocent.ts';
import { type Family, KEY_BLOCKS, SHAPES, type Shape } from './keys.ts';

/** A place whose truth is known; lines count from 1, both ends included. */
export interface Label {
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
  readonly truth: 'secret' | 'beside' | 'innocent';
  /** Of a secret. */
  readonly family?: Family;
  /** The shape, or the kind of what is innocent. */
  readonly kind: string;
  readonly format: string;
}

export interface Corpus {
  readonly folder: string;
  readonly files: number;
  readonly lines: number;
  readonly bytes: number;
  readonly labels: readonly Label[];
}

interface Sizes {
  /** Times each shape is written, each time in the next format. */
  readonly perShape: number;
  readonly perInnocent: number;
}

/** Writes it below a folder that is there and empty. */
export function writeCorpus(folder: string, seed: number, { perShape, perInnocent }: Sizes): Corpus {
  const labels: Label[] = [];
  let files = 0;
  let lines = 0;
  let bytes = 0;
  const add = (name: string, text: readonly string[], own: readonly Omit<Label, 'file'>[]): void => {
    const file = `${String(files++).padStart(5, '0')}/${name}`;
    const content = `${text.join('\n')}\n`;
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
    lines += text.length;
    bytes += Buffer.byteLength(content);
    for (const label of own) labels.push({ file, ...label });
  };
  let number = 0;
  for (const [shapes, formats] of [
    [SHAPES, FORMATS],
    [KEY_BLOCKS, BLOCK_FORMATS],
  ] as const) {
    for (const shape of shapes)
      for (let i = 0; i < perShape; i++) {
        const draw = drawing(seed + number);
        withSecret(shape, formats[number++ % formats.length] ?? draw.pick(formats), draw, add);
      }
  }
  for (const innocent of INNOCENTS)
    for (let i = 0; i < perInnocent; i++) withoutSecret(innocent, drawing(seed + number++), add);
  return { folder, files, lines, bytes, labels };
}

type Add = (name: string, text: readonly string[], labels: readonly Omit<Label, 'file'>[]) => void;

function withSecret(shape: Shape, format: Format, draw: Draw, add: Add): void {
  const { value, beside = [] } = shape.make(draw);
  const text = [...(format.head ?? [])];
  const labels: Omit<Label, 'file'>[] = [];
  const put = (entry: Entry, label: Pick<Label, 'truth' | 'family'>): void => {
    const lines = format.entry(entry, draw);
    labels.push({
      ...label,
      line: text.length + 1,
      endLine: text.length + lines.length,
      kind: shape.id,
      format: format.id,
    });
    text.push(...lines);
  };
  for (let i = draw.number(1, 6); i > 0; i--) text.push(...format.filler(draw));
  for (const entry of beside) put(entry, { truth: 'beside' });
  put([draw.pick(shape.names), value], { truth: 'secret', family: shape.family });
  for (let i = draw.number(0, 4); i > 0; i--) text.push(...format.filler(draw));
  add(format.path(draw), [...text, ...(format.tail ?? [])], labels);
}

function withoutSecret({ kind, path: pathOf, lines }: Innocent, draw: Draw, add: Add): void {
  const text = lines(draw);
  add(pathOf?.(draw) ?? `src/${draw.word()}.txt`, text, [
    { truth: 'innocent', line: 1, endLine: text.length, kind, format: 'innocent' },
  ]);
}
