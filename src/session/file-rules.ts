import type { FileRules, Rule } from '../core/rule.ts';

/**
 * The rules that go by paths alone; null if there are none.
 *
 * @param fromRoot - a reported path as the configuration knows it
 */
export async function fileRulesOf(
  rules: readonly Rule[],
  fromRoot: (path: string) => string,
): Promise<FileRules | null> {
  const named = rules.filter(({ files }) => files !== undefined);
  if (named.length === 0) return null;
  const { linearRegex } = await import('../detect/linear-regex.ts');
  const tests = named.map((rule) => ({ rule, regex: linearRegex(rule.files ?? '', false, 0) }));
  return {
    of(path) {
      const name = fromRoot(path);
      return tests.flatMap(({ rule, regex }) => {
        for (const _ of regex.all(name, 0, name.length)) return [rule];
        return [];
      });
    },
    identity: fromRoot,
  };
}
