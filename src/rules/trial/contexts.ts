/** Where keys stand. A key ends where its alphabet ends, whatever comes then. */

/** One way to write a key down. */
export interface Context {
  readonly name: string;
  readonly write: (key: string) => string;
}

const AROUND: readonly (readonly [name: string, before: string, after: string])[] = [
  ['nothing', '', ''],
  ['line breaks', '\n', '\n'],
  ['CRLF', '\r\n', '\r\n'],
  ['spaces', ' ', ' '],
  ['tabs', '\t', '\t'],
  ['double quotes', '"', '"'],
  ['single quotes', "'", "'"],
  ['backticks', '`', '`'],
  ['commas', ',', ','],
  ['semicolons', ';', ';'],
  ['parentheses', '(', ')'],
  ['brackets', '[', ']'],
  ['braces', '{', '}'],
  ['tags', '<key>', '</key>'],
  ['ampersands', '?key=', '&x=1'],
  ['a fragment', 'key=', '#top'],
  ['bars', '|', '|'],
  ['escaped line breaks', String.raw`"key\n`, String.raw`\nnext"`],
  ['escaped quotes', String.raw`{\"key\":\"`, String.raw`\"}`],
  ['unicode escapes', String.raw`\u0022`, String.raw`\u0022`],
  ['percent-encoded line breaks', 'body=%0A', '%0Anext'],
  ['percent-encoded quotes', '%22', '%22'],
  ['a sentence', 'The key is ', '. Keep it.'],
  ['export', 'export X=', '\n'],
  ['a Dockerfile', 'ENV X ', '\n'],
  ['a header', 'Authorization: Bearer ', '\r\n'],
  ['user information', 'https://', '@host.test/'],
  ['PHP', "define('X', '", "');"],
  ['a code span', 'Use `', '` here.'],
  ['HCL', 'x = "', '"\n'],
];

/** A key by itself, with what may stand before and behind it. */
export const DELIMITERS: readonly Context[] = AROUND.map(([name, before, after]) => ({
  name: `between ${name}`,
  write: (key) => before + key + after,
}));

/** One way to give a name a value. */
export interface Assignment {
  readonly name: string;
  readonly write: (name: string, key: string) => string;
}

export const ASSIGNMENTS: readonly Assignment[] = [
  { name: 'an environment file', write: (name, key) => `${name}=${key}\n` },
  { name: 'an environment file, in quotes', write: (name, key) => `${name}="${key}"\n` },
  { name: 'a shell command', write: (name, key) => `export ${name}='${key}'\n` },
  { name: 'a Dockerfile', write: (name, key) => `ENV ${name}=${key}\n` },
  { name: 'INI', write: (name, key) => `${name} = ${key}\n` },
  { name: 'JSON', write: (name, key) => `{"${name}": "${key}"}\n` },
  { name: 'JSON in JSON', write: (name, key) => JSON.stringify(`{"${name}":"${key}"}`) },
  { name: 'YAML', write: (name, key) => `${name}: ${key}\n` },
  { name: 'YAML, in quotes', write: (name, key) => `${name}: '${key}'\n` },
  { name: 'code', write: (name, key) => `const ${name} = '${key}';\n` },
  { name: 'a Ruby or PHP hash', write: (name, key) => `'${name}' => '${key}',\n` },
  { name: 'PHP', write: (name, key) => `define('${name}', '${key}');\n` },
  { name: 'HCL', write: (name, key) => `${name} = "${key}"\n` },
  { name: 'XML', write: (name, key) => `<${name}>${key}</${name}>\n` },
  { name: 'CRLF', write: (name, key) => `${name}=${key}\r\n` },
  { name: 'the end of a file', write: (name, key) => `${name}=${key}` },
];

/** A text as somebody wrote it, whole. */
export const TEXTS: readonly Context[] = [
  { name: 'as written', write: (text) => text },
  { name: 'at the end of a file', write: (text) => text.trimEnd() },
  { name: 'with CRLF', write: (text) => text.replaceAll('\n', '\r\n') },
  { name: 'indented', write: (text) => text.replaceAll(/^/gm, '\t') },
  { name: 'among other lines', write: (text) => `first line\n${text}\nlast line\n` },
];
