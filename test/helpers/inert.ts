/** How the readers of each format would understand a text: to tell whether a name in it does anything. */

/** Each a name that git or a file system lets through, and that means something to some reader. */
export const HOSTILE = {
  escape: '\u001b[2J\u001b]0;owned\u0007\u009b31m',
  bidi: 'a\u202etxt.exe\u2066b\u2069',
  invisible: 'pay\u200b\u2060\ufeff\u00adload\u{e0041}\u{e007f}\u3164',
  command: '\n::error file=x,line=9::owned,title=z\r\n##[error]owned\n::set-output name=a::b',
  colons: '::error file=x::owned',
  late: `${'word '.repeat(40)}::error::owned ##[error]owned`,
  encoded: '%0A::warning::owned%0D',
  markdown:
    '**b** [l](https://evil.example) ![i](https://evil.example/x.png) `c` | d | # h @octocat #1 GH-2 www.evil.example a@evil.example',
  backticks: '`` ` ``` @octocat <b>',
  html: '<script>alert(1)</script><img src=x onerror=alert(1)>&lt;"\'',
  formula: "=cmd|'/c calc'!A1",
  formulas: '+1+1\t@SUM(A1)\r-2',
  nul: 'a\u0000b',
  surrogates: '\ud800x\udc00',
  placeholder: '{0} {{1}} [click](javascript:alert(1)) \\[',
  cdata: ']]><x/><!--&entity;-->',
  separators: 'a\u2028b\u2029c\u0085d',
} as const;

/** What a terminal obeys or hides, but for the line breaks that are ours. */
export const ACTIVE = /[^\P{Cc}\n\r]|\r(?!\n)|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u;

/** Lines that a workflow runner takes for commands: it trims blanks, and finds the older form anywhere. */
export function workflowCommands(text: string): string[] {
  return text.split('\n').filter((line) => /^\s*::|##\[/.test(line));
}

/** Names of the properties that a workflow command has, and what they say. */
export function commandProperties(line: string): { readonly names: readonly string[]; readonly text: string } {
  const [, text = ''] = /^::(?:error|warning|notice) ((?:(?!::).)*)::/.exec(line) ?? [];
  return { names: text.split(',').map((property) => property.split('=')[0] ?? ''), text };
}

/** Markdown as a reader's machine treats it: what stands in code is inert. */
export function outsideOfCode(markdown: string): string {
  return markdown
    .replaceAll(/<code>(?:[\p{L}\p{N}\p{M} ]|&#\d+;)*<\/code>/gu, '')
    .replaceAll(/(?<!`)`[^`\n]+`(?!`)/g, '');
}

/** Mentions, links, images and HTML in what `outsideOfCode` leaves. */
export const MARKDOWN_ACTIVE = /[<@[\]`]|https?:|www\.|#\d|GH-\d|&(?!#)/;

/** A reader by the book: RFC 4180. */
export function cellsOf(csv: string): string[] {
  return [...csv.matchAll(/(?:^|[,\n])(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

export function isFormula(cell: string): boolean {
  return /^\s*[=+@-]/.test(cell);
}

/** Names of elements and attributes in order; text must not be able to change them. */
export function tagsOf(markup: string): string[] {
  return [...markup.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, '""'));
}

/** What keeps a document from being well-formed XML: open elements, bare ampersands, characters XML has not. */
export function xmlFaults(xml: string): string[] {
  const open: string[] = [];
  for (const [tag, slash, name = ''] of xml.matchAll(/<(\/?)([a-z]+)[^>]*>/g)) {
    if (slash === '/' && open.pop() !== name) return [`stray ${tag}`];
    if (slash === '' && !tag.endsWith('/>')) open.push(name);
  }
  return [
    ...open,
    ...(xml.match(/&(?!(?:amp|lt|gt|quot|#39);)|[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu) ?? []),
  ];
}
