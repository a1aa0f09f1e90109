/**
 * Recall on random well-formed credentials, per written form.
 *
 *   npx tsx bench/recall.ts [samples a form, default 1000] [--missed] [filter…]
 *
 * Expected: at least 99 % in every row. Keys without any context are a number
 * of their own at the end, and are not counted.
 */
import { createEngine } from '../src/detect/engine.ts';
import { BUILTIN_RULES } from '../src/rules/builtin.generated.ts';
import { seededRandom } from '../src/rules/random.ts';
import { type Recall, measureRecall } from '../test/helpers/recall.ts';
import { BRANDS, sampleOf } from '../test/helpers/written-forms.ts';

const [first = '1000', ...rest] = process.argv.slice(2);
const count = Number(first);
const filters = rest.filter((word) => !word.startsWith('--'));
const engine = createEngine(BUILTIN_RULES);
const scan = (bytes: Uint8Array) => engine.scan(bytes);
const chosen = (brand: string, form: string): boolean =>
  filters.length === 0 || filters.some((filter) => `${brand} ${form}`.includes(filter));

const rows: Recall[] = [];
for (const row of measureRecall(count, scan, chosen)) {
  rows.push(row);
  const share = row.found / row.tried;
  if (share < 0.99 && rest.includes('--missed')) console.log(`--- ${row.brand} · ${row.form}\n${row.missed}`);
}

const brands = BRANDS.map(({ id }) => id);
console.log(`| written form | ${brands.join(' | ')} |`);
console.log(`| --- |${brands.map(() => ' ---: |').join('')}`);
for (const form of new Set(rows.map((row) => row.form))) {
  const cells = brands.map((brand) => {
    const row = rows.find((each) => each.form === form && each.brand === brand);
    return row === undefined ? '–' : percent(row.found, row.tried);
  });
  console.log(`| ${form} | ${cells.join(' | ')} |`);
}
const bad = rows.filter((row) => row.found < row.tried * 0.99);
console.log(`\n${rows.length} rows of ${count}; below 99 %: ${bad.length}`);
for (const brand of brands) {
  const own = rows.filter((row) => row.brand === brand);
  const sum = (key: 'found' | 'tried' | 'high'): number => own.reduce((total, row) => total + row[key], 0);
  console.log(
    `${brand}: ${percent(sum('found'), sum('tried'))} found, ${percent(sum('high'), sum('tried'))} at high confidence`,
  );
}

// Without a name, a host or a call nothing says whose key it is.
for (const brand of BRANDS) {
  const random = seededRandom(1);
  const alone = Array.from({ length: count }, () => sampleOf(brand, random).secret);
  const found = alone.filter((secret) => scan(Buffer.from(`${secret}\n`)).findings.length > 0).length;
  console.log(`${brand.id} without any context: ${percent(found, count)}`);
}
process.exitCode = bad.length === 0 ? 0 : 1;

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : ((100 * part) / whole).toFixed(1);
}
