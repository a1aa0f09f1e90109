/** Files as people write them, with something put into them whose lines are remembered. */
import { type Draw, capital } from './draw.ts';

/** Lines of a file and where in them each given piece came to stand. */
export interface Written {
  readonly path: string;
  readonly lines: readonly string[];
}

/** A name and its value. */
export type Entry = readonly [name: string, value: string];

export interface Format {
  readonly id: string;
  path(draw: Draw): string;
  /** Ordinary lines before, between and after. */
  filler(draw: Draw): string[];
  entry(entry: Entry, draw: Draw): string[];
  /** First and last lines. */
  readonly head?: readonly string[];
  readonly tail?: readonly string[];
}

const parts = (name: string): string[] => name.toLowerCase().split('_');
const camel = (name: string): string =>
  parts(name)
    .map((part, index) => (index === 0 ? part : capital(part)))
    .join('');
const pascal = (name: string): string => parts(name).map(capital).join('');
const joined = (name: string, by: string): string => parts(name).join(by);

const json = (value: string): string => JSON.stringify(value);
const single = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
const file =
  (extension: string, folder = 'src') =>
  (draw: Draw): string =>
    `${folder}/${draw.word()}/${draw.words(2, '-')}.${extension}`;

const names = (draw: Draw): string => camel(draw.words(2, '_'));

/** A function, in a language with braces. */
const braces =
  (declare: string, comment = '//') =>
  (draw: Draw): string[] => {
    const name = names(draw);
    return [
      `${comment} ${capital(draw.word())} the ${draw.words(2, ' ')} of a ${draw.word()}.`,
      `${declare} ${name}(${draw.word()}, ${draw.word()}) {`,
      `  if (${draw.word()}.length > ${draw.number(1, 99)}) return ${draw.word()}.${names(draw)}("${draw.words(2, ' ')}");`,
      `  return ${names(draw)}(${draw.number(0, 9999)}, "${draw.word()}");`,
      '}',
      '',
    ];
  };

const indented = (draw: Draw): string[] => [
  `def ${draw.words(2, '_')}(${draw.word()}):`,
  `    """${capital(draw.words(4, ' '))}."""`,
  `    ${draw.word()} = ${draw.word()}.get("${draw.word()}", ${draw.number(0, 999)})`,
  `    return ${draw.words(2, '_')}(${draw.word()})`,
  '',
];

const settings =
  (joiner: string) =>
  (draw: Draw): string[] => [
    `${draw.words(2, '_').toUpperCase()}${joiner}${draw.number(1, 65_000)}`,
    `${draw.words(2, '_').toUpperCase()}${joiner}${draw.word()}`,
    `${draw.words(3, '_').toUpperCase()}${joiner}https://${draw.word()}.${draw.word()}.net/${draw.word()}`,
  ];

const yaml =
  (indent: string) =>
  (draw: Draw): string[] => [
    `${indent}${draw.word()}: ${draw.word()}`,
    `${indent}${camel(draw.words(2, '_'))}: ${draw.number(1, 9000)}`,
  ];

const element = (draw: Draw): string[] => [`  <${draw.word()} name="${draw.words(2, '.')}" value="${draw.word()}"/>`];

export const FORMATS: readonly Format[] = [
  {
    id: '.env',
    path: (d) => `${d.word()}/.env${d.pick(['', '.production', '.local'])}`,
    filler: settings('='),
    entry: ([n, v]) => [`${n}=${v}`],
  },
  {
    id: '.env, quoted',
    path: (d) => `deploy/${d.word()}.env`,
    filler: settings('='),
    entry: ([n, v]) => [`${n}="${v}"`],
  },
  {
    id: 'shell',
    path: file('sh', 'scripts'),
    filler: braces('function', '#'),
    entry: ([n, v], d) => [d.pick([`export ${n}=${v}`, `${n}='${v}' ./run.sh --${d.word()}`])],
  },
  { id: 'JavaScript', path: file('js'), filler: braces('function'), entry: ([n, v]) => [`const ${n} = ${json(v)};`] },
  {
    id: 'TypeScript object',
    path: file('ts'),
    filler: braces('export function'),
    entry: ([n, v], d) => [
      `export const ${names(d)} = {`,
      `  ${d.word()}: ${d.number(1, 99)},`,
      `  ${camel(n)}: ${single(v)},`,
      '};',
    ],
  },
  { id: 'Python', path: file('py'), filler: indented, entry: ([n, v]) => [`${n} = ${json(v)}`] },
  {
    id: 'Python keyword',
    path: file('py'),
    filler: indented,
    entry: ([n, v], d) => [`${d.word()} = Client(${d.word()}=${d.number(1, 9)}, ${joined(n, '_')}=${single(v)})`],
  },
  {
    id: 'Go',
    path: file('go', 'internal'),
    filler: braces('func'),
    entry: ([n, v]) => [`\t${camel(n)} := ${json(v)}`],
  },
  {
    id: 'Java',
    path: file('java', 'src/main/java'),
    filler: braces('public Object'),
    entry: ([n, v]) => [`  private static final String ${n} = ${json(v)};`],
  },
  {
    id: 'C#',
    path: file('cs'),
    filler: braces('public object'),
    entry: ([n, v]) => [`        public const string ${pascal(n)} = ${json(v)};`],
  },
  {
    id: 'Ruby',
    path: file('rb', 'lib'),
    filler: indented,
    entry: ([n, v]) => [`  config.${joined(n, '_')} = ${single(v)}`],
  },
  {
    id: 'PHP',
    path: file('php'),
    head: ['<?php'],
    filler: braces('function'),
    entry: ([n, v], d) => [
      d.pick([
        `define('${n}', ${single(v)});`,
        `    '${joined(n, '_')}' => ${single(v)},`,
        `$${camel(n)} = ${single(v)};`,
      ]),
    ],
  },
  { id: 'Rust', path: file('rs'), filler: braces('fn'), entry: ([n, v]) => [`const ${n}: &str = ${json(v)};`] },
  { id: 'Kotlin', path: file('kt'), filler: braces('fun'), entry: ([n, v]) => [`    val ${camel(n)} = ${json(v)}`] },
  {
    id: 'JSON',
    path: file('json', 'config'),
    head: ['{'],
    tail: ['  "end": 0', '}'],
    filler: (d) => [`  ${json(names(d))}: ${d.number(1, 999)},`, `  ${json(d.word())}: ${json(d.words(3, ' '))},`],
    entry: ([n, v]) => [`  ${json(camel(n))}: ${json(v)},`],
  },
  {
    id: 'appsettings',
    path: () => 'appsettings.json',
    head: ['{', '  "Settings": {'],
    tail: ['    "End": 0', '  }', '}'],
    filler: (d) => [`    "${capital(d.word())}${capital(d.word())}": ${d.number(1, 999)},`],
    entry: ([n, v]) => [`    "${pascal(n)}": ${json(v)},`],
  },
  {
    id: 'YAML',
    path: file('yml', 'config'),
    filler: yaml(''),
    entry: ([n, v]) => [`${joined(n, '_')}: ${v.includes(': ') ? json(v) : v}`],
  },
  {
    id: 'YAML, quoted',
    path: file('yaml', 'config'),
    filler: yaml('  '),
    head: ['service:'],
    entry: ([n, v]) => [`  ${camel(n)}: ${json(v)}`],
  },
  {
    id: 'Compose',
    path: () => 'docker-compose.yml',
    head: ['services:', '  app:', '    environment:'],
    filler: (d) => [`      - ${d.words(2, '_').toUpperCase()}=${d.number(1, 99)}`],
    entry: ([n, v]) => [`      - ${n}=${v}`],
  },
  {
    id: 'Kubernetes',
    path: file('yaml', 'k8s'),
    head: ['apiVersion: apps/v1', 'kind: Deployment', 'spec:', '  env:'],
    filler: (d) => [`    - name: ${d.words(2, '_').toUpperCase()}`, `      value: "${d.word()}"`],
    entry: ([n, v]) => [`    - name: ${n}`, `      value: ${json(v)}`],
  },
  {
    id: 'TOML',
    path: file('toml', 'config'),
    head: ['[service]'],
    filler: (d) => [`${d.words(2, '_')} = ${d.number(1, 999)}`],
    entry: ([n, v]) => [`${joined(n, '_')} = ${json(v)}`],
  },
  {
    id: 'INI',
    path: file('ini', 'config'),
    head: ['[main]'],
    filler: (d) => [`${d.words(2, '_')} = ${d.word()}`],
    entry: ([n, v]) => [`${joined(n, '_')} = ${v}`],
  },
  {
    id: 'properties',
    path: file('properties', 'src/main/resources'),
    filler: (d) => [`${d.words(3, '.')}=${d.word()}`],
    entry: ([n, v]) => [`${joined(n, '.')}=${v}`],
  },
  {
    id: 'Terraform',
    path: file('tf', 'infra'),
    head: ['provider "service" {'],
    tail: ['}'],
    filler: (d) => [`  ${d.words(2, '_')} = "${d.word()}"`],
    entry: ([n, v]) => [`  ${joined(n, '_')} = ${json(v)}`],
  },
  {
    id: 'Dockerfile',
    path: () => 'Dockerfile',
    head: ['FROM node:22-slim', 'WORKDIR /app'],
    filler: (d) => [`RUN apt-get install -y ${d.word()}-${d.word()}`],
    entry: ([n, v], d) => [d.pick([`ENV ${n}=${v}`, `ENV ${n} ${v}`, `ARG ${n}=${v}`])],
  },
  {
    id: 'XML',
    path: file('xml', 'config'),
    head: ['<?xml version="1.0"?>', '<configuration>'],
    tail: ['</configuration>'],
    filler: element,
    entry: ([n, v]) => [`  <add key="${pascal(n)}" value="${v.replaceAll('&', '&amp;')}" />`],
  },
  {
    id: 'XML element',
    path: file('xml', 'res'),
    head: ['<resources>'],
    tail: ['</resources>'],
    filler: (d) => [`  <string name="${d.words(2, '_')}">${capital(d.words(3, ' '))}</string>`],
    entry: ([n, v]) => [`  <string name="${joined(n, '_')}">${v.replaceAll('&', '&amp;')}</string>`],
  },
  {
    id: 'Markdown',
    path: () => 'README.md',
    head: ['# Setup', ''],
    filler: (d) => [`${capital(d.words(9, ' '))}.`, ''],
    entry: ([n, v]) => ['```', `export ${n}=${v}`, '```'],
  },
  {
    id: 'notebook',
    path: file('ipynb', 'notebooks'),
    head: ['{"cells": [{"cell_type": "code", "source": ['],
    tail: ['""]}]}'],
    filler: (d) => [`${json(`${d.word()} = ${d.number(1, 99)}\n`)},`],
    entry: ([n, v]) => [`${json(`${n} = ${json(v)}\n`)},`],
  },
  {
    id: 'log',
    path: file('log', 'logs'),
    filler: (d) => [
      `2025-0${d.number(1, 9)}-1${d.number(0, 9)}T0${d.number(0, 9)}:00:0${d.number(0, 9)}Z INFO ${d.words(5, ' ')} in ${d.number(1, 900)} ms`,
    ],
    entry: ([n, v], d) => [
      `2025-0${d.number(1, 9)}-10T00:00:00Z DEBUG starting with ${joined(n, '_')}=${v} ${d.word()}=${d.number(1, 9)}`,
    ],
  },
  {
    id: 'GitHub workflow',
    path: file('yml', '.github/workflows'),
    head: ['on: push', 'jobs:', '  build:', '    env:'],
    filler: (d) => [`      ${d.words(2, '_').toUpperCase()}: ${d.word()}`],
    entry: ([n, v]) => [`      ${n}: ${v}`],
  },
];

/** Ways to write what has several lines. */
export const BLOCK_FORMATS: readonly Format[] = [
  { id: 'file of its own', path: (d) => `certs/${d.word()}.pem`, filler: () => [], entry: ([, v]) => v.split('\n') },
  {
    id: 'YAML block',
    path: file('yaml', 'config'),
    filler: yaml(''),
    entry: ([n, v]) => [`${camel(n)}: |`, ...v.split('\n').map((line) => `  ${line}`)],
  },
  {
    id: 'escaped in JSON',
    path: file('json', 'config'),
    head: ['{'],
    tail: ['  "end": 0', '}'],
    filler: (d) => [`  ${json(d.word())}: ${d.number(1, 9)},`],
    entry: ([n, v]) => [`  ${json(camel(n))}: ${json(`${v}\n`)},`],
  },
  {
    id: 'template literal',
    path: file('ts'),
    filler: braces('function'),
    entry: ([n, v]) => [`const ${camel(n)} = \`${v}\`;`.split('\n')].flat(),
  },
  { id: 'Python string', path: file('py'), filler: indented, entry: ([n, v]) => `${n} = """${v}"""`.split('\n') },
  {
    id: 'escaped in .env',
    path: () => '.env',
    filler: settings('='),
    entry: ([n, v]) => [`${n}="${v.replaceAll('\n', String.raw`\n`)}"`],
  },
];
