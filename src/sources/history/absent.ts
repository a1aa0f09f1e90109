import type { CoverageLog } from '../../core/coverage.ts';
import type { HistoryState } from './state.ts';
import { report } from './store.ts';

/** The empty blob and the empty tree, which git knows without storing them. */
const BUILT_IN = new Set([
  'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
  '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
]);

/** Named one by one; the rest are counted. */
const NAMED = 10;

/** Reports what should have been there: the other side of a shallow boundary, and objects that reached ones name. */
export function reportAbsent({ store, reach }: HistoryState, coverage: CoverageLog): void {
  if (store.repository.shallow) {
    const commits = store.shallow.size === 1 ? 'one commit' : `${store.shallow.size} commits`;
    report(coverage, 'GIT_SHALLOW', `The clone is shallow: history before ${commits} is not here`);
  }
  const { refPositions } = reach;
  for (let ref = 0; ref < refPositions.length; ref++) {
    if ((refPositions[ref] ?? -1) >= 0) continue;
    const { name = '', id = '' } = store.refs[ref] ?? {};
    report(coverage, 'GIT_REF_BROKEN', `${name} names ${id}, which is not here`);
  }
  const absent: string[] = [];
  for (let i = 0; i < reach.absent.length; i++) {
    const id = reach.absent.hex(i);
    if (!BUILT_IN.has(id)) absent.push(id);
  }
  if (absent.length === 0) return;
  if (store.promised) {
    report(
      coverage,
      'GIT_PROMISED_ABSENT',
      'The clone is partial: objects that were left on the server could not be scanned',
      absent.length,
    );
    return;
  }
  for (const id of absent.slice(0, NAMED)) report(coverage, 'GIT_OBJECT_MISSING', `Object ${id} is not here`);
  if (absent.length > NAMED) {
    report(coverage, 'GIT_OBJECT_MISSING', 'More objects are not here', absent.length - NAMED);
  }
}
