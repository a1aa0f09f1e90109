/**
 * Compiles dist/bin/quick.js for the node that runs this, with the functions a
 * hook needs: it judges our own sources in a scratch repository before its code is stored. What it leaves
 * staged there is a sample for other commands.
 */
const { execFileSync } = require('node:child_process');
const { copyFileSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { Script } = require('node:vm');

const folder = process.argv[2];
const file = path.join(folder, 'quick.js');
const git = (...args) => execFileSync('git', args, { stdio: 'ignore' });

for (const name of Object.keys(process.env)) if (name.startsWith('GIT_')) delete process.env[name];
git('init', '-q');
const sources = path.join(__dirname, '..', 'src');
for (const name of readdirSync(sources, { recursive: true }))
  if (name.endsWith('.ts') && !name.includes('generated'))
    copyFileSync(path.join(sources, name), name.replaceAll(path.sep, '-'));
git('add', '.');

const script = new Script(readFileSync(file, 'latin1'), { filename: file });
script.runInThisContext()(require)(['staged'], folder);
writeFileSync(path.join(folder, `quick-${process.version}-${process.arch}.cache`), script.createCachedData());
