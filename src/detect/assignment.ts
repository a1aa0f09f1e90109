import type { Span } from '../core/span.ts';

/**
 * Reads `name → value` in whatever language or format it is written. The name
 * is found by the caller; this module knows what may stand between a name and
 * its value, and where the value ends. Everything is bounded, so a window
 * decides alone.
 */

/** A value and how it was reached. */
export interface AssignedValue extends Span {
  readonly text: string;
  readonly quoted: boolean;
}

const CLOSE = String.raw`\\?["'\x60]?[\])}]{0,2}`;
const BLANK = String.raw`[ \t]{0,20}`;
const BREAK = String.raw`[ \t\r\n]{0,60}`;
/** `: string` between a name and `=`, and the like in Go, C# and Kotlin. */
const TYPE = String.raw`(?::[ \t]{0,4}(?:&'\w{1,12} )?[\w.<>\[\]|&?, ]{1,40}?|[ \t]{1,4}[\w.*\[\]]{1,30}|[ \t]{0,4}\{[ \w;]{1,30}\})[ \t]{0,4}(?==[^=>])`;

/**
 * What may stand between a name and its value: for each notation the characters it may begin with, its expression, and
 * what it has one of, so many characters from its beginning. Tried in this order.
 */
export const NOTATIONS: readonly (readonly [
  starts: string,
  source: string,
  signs?: readonly string[],
  within?: number,
])[] = [
  // What a call gives back is no value of the name it was given: `sign('text', 'name') => v`.
  // name = v · name: v · name: ⏎ - v · 'name' => v · name := v · name <- v · name ?= v · ["name"] = v · name: string = v
  [
    `\\"'\`])} \t:{=?|+-<`,
    `${CLOSE}${BLANK}(?:${TYPE})?(?:(?<!\\)[ \\t]{0,20})=>|:=|\\?\\?=|\\|\\|=|\\?=|\\+=|={1,3}|:(?![:/-])|<-|->)${BLANK}(?:\\r?\\n[ \\t]{0,40}-[ \\t]{1,4}|\\r?\\n[ \\t]{1,40})?`,
    ['=', ':', '->', '<-'],
    128,
  ],
  // { name: 'name', value: v } · - name: X ⏎ value: v
  [
    `"', \t\r\n-vdtcsVP`,
    String.raw`["']?,?[ \t]{0,4}(?:\r?\n[ \t]{0,40}|[ \t]{0,10})-?[ \t]{0,4}["']?(?:value|default|text|content|(?:string|Parameter)?Value)["']?[ \t]{0,4}[:=][ \t]{0,10}`,
    ['value', 'default', 'text', 'content', 'Value'],
    72,
  ],
  // "name": { "type": "securestring", "defaultValue": "v" }
  [
    `"'`,
    String.raw`["'][ \t]{0,4}:[ \t\r\n]{0,40}\{[^{}]{0,200}?["'](?:value|Value|default|Default|defaultValue)["'][ \t]{0,4}:[ \t]{0,4}`,
    ['{'],
    48,
  ],
  // name: ⏎ Type: String ⏎ NoEcho: true ⏎ Default: v
  [
    ':',
    String.raw`:[ \t]{0,4}\r?\n(?:[ \t]{2,30}(?:Type|NoEcho|Description|MinLength|MaxLength|AllowedPattern|ConstraintDescription):[^\r\n]{0,120}\r?\n){1,6}[ \t]{2,30}Default:[ \t]{1,4}`,
    ['Type', 'NoEcho', 'Description', 'MinLength', 'MaxLength', 'AllowedPattern', 'ConstraintDescription'],
    64,
  ],
  // define('name', v) · env("name", v) · .set(name, 'v')
  [`"'\``, String.raw`["'\x60]["'\x60]?\)?[ \t]{0,4},${BREAK}`, [','], 8],
  [',', `,${BREAK}(?=["'\\x60])`],
  // name,v in a table · [--name, v]
  [',', `,(?=[^\\s"'\\x60])`],
  [',', String.raw`(?<=--[\w.-]{3,64}),[ \t]{1,4}`],
  // s:4:"name";s:8:"v" as PHP serialises
  [`\\"'`, String.raw`\\?["'];s:\d{1,6}:(?=\\?["'])`, [';s:'], 6],
  // <add key="name" value="v"/>
  [
    `"'`,
    String.raw`["'][ \t\r\n]{1,40}(?:android:)?(?:value|content|default)[ \t]{0,4}=[ \t]{0,4}`,
    ['value', 'content', 'default'],
    56,
  ],
  // char name[] = "v" · char name[33] PROGMEM = "v"
  ['[', String.raw`\[\w{0,24}\][ \t]{0,4}(?:PROGMEM[ \t]{1,4})?=[ \t]{0,4}(?=["'])`, [']'], 28],
  // setName("v") · new Client("v") · Client<T>("v")
  [' \t<(', `[ \\t]{0,2}(?:<[\\w, ]{1,30}>)?\\(${BREAK}`, ['('], 36],
  // <key>name</key><string>v</string> · <td>name</td><td>v</td>
  ['<', String.raw`</\w{1,10}>${BREAK}<\w{1,10}>[ \t\r\n]{0,40}`],
  // <name>v</name> · <entry key="name">v</entry>
  [`"'>`, String.raw`["']?>[ \t\r\n]{0,40}(?:<!\[CDATA\[)?`, ['>'], 2],
  // getenv('name') ?: v · process.env.name || v · ${name:-v} · ENV["name"] { v }
  [
    `"'\`])}. \t?|o:{u`,
    String.raw`["'\x60]?[\])}]{0,3}(?:\.[a-z_A-Z]{1,20}\(\)?)?[ \t]{0,4}(?:\?\?|\|\||\?:|or\b|:-|:|\{|\bunwrap_or\()${BREAK}`,
    ['??', '||', '?:', 'or', ':', '{', 'unwrap_or('],
    48,
  ],
  // variable "name" { … default = v }
  [`"'`, String.raw`["'][ \t]{0,4}\{[^{}]{0,300}?\b(?:default|value)[ \t]{0,12}=[ \t]{0,12}`, ['{'], 6],
  // 'Bearer ' . 'v'
  [
    ` \t"'\``,
    String.raw`[ \t]{0,4}["'\x60][ \t]{0,4}(?:[.+,&]|\|\|)[ \t]{0,4}(?=["'\x60])`,
    ['.', '+', ',', '&', '||'],
    12,
  ],
  // **name:** v · | name | v |
  ['`*_: \t|', String.raw`[\x60*_]{0,3}:?[\x60*_]{0,3}[ \t]{0,20}[|:][\x60*_]{0,3}[ \t]{0,20}`, ['|', ':'], 28],
  // the name is v
  [
    ' \t',
    String.raw`[ \t]{1,4}(?:is|was|equals|are)(?:[ \t]{1,4}|[ \t]{0,2}:[ \t]{0,4})`,
    ['is', 'was', 'equals', 'are'],
    10,
  ],
  // ENV name v · --name v · Bearer v · password v
  [`"'\` \t`, String.raw`["'\x60]?[ \t]{1,20}`],
];

interface Bridge {
  readonly starts: string;
  readonly source: string;
  readonly signs: readonly string[];
  readonly within: number;
  /** Made when a text has one of its characters and signs: most hooks need few. */
  expression: RegExp | undefined;
}

const BRIDGES: readonly Bridge[] = NOTATIONS.map(([starts, source, signs = [''], within = 0]) => ({
  starts,
  source,
  signs,
  within,
  expression: undefined,
}));

/** What chats and pages put around a value. */
const MARKUP = String.raw`(?:(?:&nbsp;|</?(?:code|pre|b|strong|em|i|u|span|p|div|br|tt|kbd|font)(?: [^<>]{0,80})?/?>)[ \t]{0,4}){0,4}`;
/** What may stand directly before a value: markup, calls, tags, list and block openers, a string prefix and quote, an auth scheme. */
export const OPENER_SOURCE =
  MARKUP +
  String.raw`(?:(?:new |await |&|\[\])?[A-Za-z_$][\w$.:]{0,60}\([ \t\r\n]{0,20}){0,2}` +
  String.raw`(?:!{1,2}\w{1,20} )?(?:[|>][-+]?[ \t]{0,4}\r?\n[ \t]{1,40})?(?:[\[({](?:[ \t]{0,4}\r?\n[ \t]{1,40})?)?[ \t]{0,4}` +
  String.raw`(?:[a-zA-Z@$]{0,2}(["'\x60]{1,3}))?[ \t]{0,4}(?:(?:Bearer|Basic|Token|App|Key) {1,2})?`;
const OPENER = new RegExp(OPENER_SOURCE, 'iy');

/** Longest value that is read. */
const VALUE_MAX = 4096;
const UNQUOTED = /[^\s"'`,;()[\]{}<>&#|\\\x00-\x1f]+/y;
/** The same, with a `#` where no blank stands before it, as shells, YAML and most readers of `.env` take it. */
const WITH_HASH = /[^\s"'`,;()[\]{}<>&|\\\x00-\x1f]+/y;
/** A percent-encoded delimiter ends an unquoted value. */
const ENCODED_END = /%(?:0[0-9a-f]|20|2[267c]|3[bce]|5[bd]|7[bcd])/i;
/** Punctuation of a sentence around it, and how much of it is left out. */
const SENTENCE_END = '.:!?*';
const SENTENCE_END_MOST = 3;

/**
 * Every value that what follows a name could give it, by notation.
 * @param text - the window
 * @param at - index just past the name
 */
export function* assignedValues(text: string, at: number): Generator<AssignedValue> {
  const seen = new Set<number>();
  const next = text[at];
  if (next === undefined) return;
  for (const bridge of BRIDGES) {
    if (!bridge.starts.includes(next)) continue;
    // Compiling one takes far longer than looking for a sign.
    if (bridge.expression === undefined && !hasSign(bridge, text, at)) continue;
    bridge.expression ??= new RegExp(bridge.source, 'y');
    bridge.expression.lastIndex = at;
    const crossed = bridge.expression.exec(text);
    if (!crossed) continue;
    const value = valueAt(text, at + crossed[0].length);
    if (value && !seen.has(value.start)) {
      seen.add(value.start);
      // A password may hold the sign, keys do not: whose form fits the longer reading takes it.
      const longer = value.quoted || text[value.end] !== '#' ? null : unquoted(text, value.start, WITH_HASH);
      if (longer) yield longer;
      yield value;
    }
  }
}

function hasSign({ signs, within }: Bridge, text: string, at: number): boolean {
  const near = text.slice(at, at + within);
  return signs.some((sign) => near.includes(sign));
}

function valueAt(text: string, at: number): AssignedValue | null {
  OPENER.lastIndex = at;
  const opened = OPENER.exec(text);
  const start = at + (opened?.[0].length ?? 0);
  const quotes = opened?.[1];
  return quotes === undefined ? unquoted(text, start) : quoted(text, start, quotes);
}

/** @param quotes - that opened it: the first one of them closes it, after the others in a value such as `'"v"'` */
function quoted(text: string, start: number, quotes: string): AssignedValue | null {
  const [quote = '"', inner] = quotes;
  let end = text.indexOf(quote, start);
  // The closing quote may lie past the window, or there is none: a truncated file.
  if (end < 0) end = text.length;
  if (end - start > VALUE_MAX) return null;
  if (inner !== undefined && inner !== quote && text[end - 1] === inner) end--;
  for (let blanks = 1; blanks > 0 && end > start; end -= blanks) blanks = blanksBefore(text, end);
  return end > start ? { start, end, text: text.slice(start, end), quoted: true } : null;
}

/** Characters of the blank or escaped line break that ends there, as comes of copying: 0 to 2. */
function blanksBefore(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  if (code === 0x20 || code === 9 || code === 10 || code === 13) return 1;
  const isEscape = (code === 0x6e || code === 0x72 || code === 0x74) && text[end - 2] === '\\';
  return isEscape && text[end - 3] !== '\\' ? 2 : 0;
}

function unquoted(text: string, start: number, characters = UNQUOTED): AssignedValue | null {
  characters.lastIndex = start;
  const token = characters.exec(text)?.[0].slice(0, VALUE_MAX);
  if (token === undefined) return null;
  const encodedEnd = token.includes('%') ? token.search(ENCODED_END) : -1;
  const end = withoutSentenceEnd(text, start, start + (encodedEnd < 0 ? token.length : encodedEnd));
  return end > start ? { start, end, text: text.slice(start, end), quoted: false } : null;
}

function withoutSentenceEnd(text: string, start: number, end: number): number {
  const least = Math.max(start, end - SENTENCE_END_MOST);
  let at = end;
  while (at > least && SENTENCE_END.includes(text[at - 1] ?? ' ')) at--;
  return at;
}
