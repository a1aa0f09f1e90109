import type { Span } from '../core/span.ts';
import type { View } from './window.ts';

/** Where a value stands in a view: every place. */
export function* knownValues(value: string, view: View): Generator<Span> {
  for (let at = view.text.indexOf(value); at >= 0; at = view.text.indexOf(value, at + 1))
    yield { start: at, end: at + value.length };
}

/**
 * A string literal that ends and the next one that begins, with the operator
 * between them that puts the two together in some language, if there is one.
 */
const QUOTE = '["\'`]';
const GAP = String.raw`[ \t]{0,80}(?:[\\_]?\r?\n[ \t]{0,80})?`;
const OPERATOR = String.raw`(?:\+{1,2}|\.{1,2}|&|\|\||~|<>)?`;
const CONCATENATION = String.raw`${QUOTE}(?:(?=[\s+.&|~<\\])${GAP}${OPERATOR}${GAP}[A-Za-z@$]{0,2})?${QUOTE}`;
/** The end of a line that goes on in the next one: after a mark, or in text that was merely wrapped, indented, quoted or commented out. */
const CONTINUATION = String.raw`[\\${'`'}^=]?\r?\n[ \t]{0,80}(?:(?:[>#*|+-]|\/\/)[ \t]{0,80})?`;
const WRAPPED = String.raw`\r?\n[ \t]{0,80}`;

let joints: readonly RegExp[] | undefined;

/** Made when a key is hunted for: a hook never does. */
function jointsOf(): readonly RegExp[] {
  joints ??= [
    new RegExp(`${CONCATENATION}|${CONTINUATION}`, 'g'),
    // Marks that are themselves characters of the value.
    new RegExp(`${CONCATENATION}|${WRAPPED}`, 'g'),
  ];
  return joints;
}

/** The view with torn text put together, in the ways it may have been torn; none if nothing looks torn. */
export function joinedViews(view: View): View[] {
  const seen = new Set([view.text]);
  return jointsOf().flatMap((joint) => {
    const joined = joinedView(view, joint);
    if (seen.has(joined.text)) return [];
    seen.add(joined.text);
    return [joined];
  });
}

function joinedView(view: View, joint: RegExp): View {
  /** Kept pieces: where each begins in the joined text and in the view's. */
  const starts: { readonly joined: number; readonly outer: number }[] = [{ joined: 0, outer: 0 }];
  let text = '';
  let from = 0;
  for (const { index, 0: torn } of view.text.matchAll(joint)) {
    text += view.text.slice(from, index);
    from = index + torn.length;
    starts.push({ joined: text.length, outer: from });
  }
  text += view.text.slice(from);
  const outer = (at: number): number => {
    const piece = starts.findLast(({ joined }) => joined <= at);
    return piece === undefined ? at : piece.outer + at - piece.joined;
  };
  return {
    text,
    bytes: Buffer.from(text, 'latin1'),
    hit: -1,
    decoded: [...view.decoded, 'joined'],
    locate: ({ start, end }) => view.locate({ start: outer(start), end: outer(end - 1) + 1 }),
    indexOf: () => -1,
    beside: view.beside,
  };
}
