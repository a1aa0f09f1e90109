/** What literals reach, laid out by the build: the same bytes at the same places as computed. */
import { expect, test } from 'vitest';

import { packRules } from '../../../src/cli/fast/pack-rules.ts';
import { packedReaches } from '../../../src/cli/fast/pack-reaches.ts';
import { KernelMemory } from '../../../src/kernel/instance.ts';
import { openReaches } from '../../../src/kernel/laid-reaches.ts';
import { haveLaidOut } from '../../../src/prefilter/rule-literals.ts';
import { BUILTIN_RULES } from '../../../src/rules/builtin.generated.ts';
import { POINTER } from '../../../src/sources/lfs.ts';
import { prepareRules } from '../../../src/workers/stored-scan.ts';

const { words, screens } = packRules(BUILTIN_RULES);
const packed = packedReaches(BUILTIN_RULES, { words }, screens);

/** What a scan finds out by itself: places, and all bytes from the memory's first to the last of them. */
function computed(marker: typeof POINTER) {
  const rules = [...BUILTIN_RULES];
  haveLaidOut(rules, () => ({ packed: { words }, screens }));
  const memory = new KernelMemory();
  const reaches = prepareRules(memory, rules, marker)?.plan.reaches;
  if (!reaches) throw new Error('not prepared');
  return { reaches, bytes: Buffer.from(memory.bytes.slice(0, reaches.byteClasses + 256)) };
}

function opened(laid: Uint32Array, memory = new KernelMemory()) {
  const reaches = openReaches(memory, laid, screens);
  return reaches && { reaches, bytes: Buffer.from(memory.bytes.slice(0, reaches.byteClasses + 256)) };
}

test('what was laid out is what a scan computes', () => {
  const laid = opened(packed);
  const same = computed(POINTER);
  expect(laid?.reaches).toEqual(same.reaches);
  expect(laid?.bytes.equals(same.bytes)).toBe(true);
  expect(laid?.bytes.length).toBeGreaterThan(1_000_000);
  // Control: what is looked for besides has a part in it.
  expect(laid?.bytes.equals(computed({ ...POINTER, limit: POINTER.limit + 1 }).bytes)).toBe(false);
});

test.each<[string, (laid: Uint32Array) => Uint32Array]>([
  ['nothing', () => new Uint32Array(0)],
  ['of another version', (laid) => laid.with(0, 1)],
  ['cut short', (laid) => laid.subarray(0, -1)],
  ['for another place', (laid) => laid.with(1, 128)],
  ['beside other screens', (laid) => laid.with(2, screens.length + 1)],
])('what is %s is refused', (_, change) => {
  expect(opened(change(packed))).toBeNull();
});

test('where something lies already, it is refused', () => {
  const memory = new KernelMemory();
  memory.reserve(1);
  expect(opened(packed, memory)).toBeNull();
});
