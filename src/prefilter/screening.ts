import type { Matcher, Rule } from '../core/rule.ts';
import { ALL_SCREENS } from './literal.ts';
import type { LiteralSet } from './literal-set.ts';
import type { PackedLiterals } from './packed.ts';
import { type ScreenedSearch, screenedSearch } from './packed-wasm.ts';
import { namePlaces, screenBits } from './screens.ts';

/** What the build lays out of rules to turn hits down with; can be posted to a thread. */
export interface LaidOutScreens {
  readonly packed: PackedLiterals;
  readonly screens: Uint32Array;
}

/** Both ready to be used. */
export interface Screening {
  readonly search: ScreenedSearch;
  /** The same targets, whose names are looked up in tables before any expression for them is compiled. */
  readonly targets: LiteralSet['targets'];
}

/** @param targets - of these rules, which are those that were laid out, in their order */
export function openScreening(
  rules: readonly Rule[],
  targets: LiteralSet['targets'],
  { packed, screens }: LaidOutScreens,
): Screening {
  const places = namePlaces(screens);
  const matchers = new Map(
    rules.flatMap((rule) => rule.matchers).map((matcher, i) => [matcher, withTable(matcher, places[i] ?? 0)]),
  );
  return {
    search: screenedSearch(packed, screens),
    targets: targets.map((list, text) => {
      const bits = screenBits(screens, text, list.length);
      return list.map(({ rule, matcher }, i) => ({
        rule,
        matcher: matchers.get(matcher) ?? matcher,
        screen: bits[i] ?? ALL_SCREENS,
      }));
    }),
  };
}

function withTable(matcher: Matcher, place: number): Matcher {
  const { find } = matcher;
  return place === 0 || find.kind !== 'assigned' ? matcher : { ...matcher, find: { ...find, nameFilter: place } };
}
