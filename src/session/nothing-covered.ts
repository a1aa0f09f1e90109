import type { Config } from '../config/load.ts';
import type { Coverage } from '../core/coverage.ts';
import { sourceMend } from '../errors/source.ts';

/** Names that nobody has: what excludes them all excludes everything. */
const PROBES = ['0e9f6c2a', '0e9f6c2a.7d1', 'b58d/0e9f6c2a', 'b58d/41aa/0e9f6c2a.7d1'];

/**
 * A run that left out all there was has shown nothing, by whoever's word: that
 * is a problem, not a clean result. An empty folder or nothing staged is none.
 *
 * A commit that touches excluded paths alone is ordinary, so what reads changes
 * or objects asks more: that no path at all would have been let through.
 */
export function unlessNothingCovered(coverage: Coverage, config: Config | null): Coverage {
  if (!leftOutEverything(coverage, config)) return coverage;
  const why = coverage.skipped.map(({ count, reason, setBy }) => `${count} ${reason}${setBy ? ` by ${setBy}` : ''}`);
  const problem = {
    code: 'NOTHING_COVERED',
    message: `everything that was there was left out${why.length === 0 ? '' : `: ${why.join(', ')}`}`,
    mend: sourceMend('NOTHING_COVERED'),
  };
  return { ...coverage, complete: false, problems: [...coverage.problems, problem] };
}

function leftOutEverything({ source, skipped, bytesCovered, blobs }: Coverage, config: Config | null): boolean {
  switch (source) {
    case 'stdin':
      return false;
    case 'scan':
      // `.git` of a work tree elsewhere is not content.
      return bytesCovered === 0 && skipped.some(({ reason }) => reason !== 'git-directory');
    case 'staged':
      return bytesCovered === 0 && skipped.some(({ reason }) => reason === 'excluded') && excludesEverything(config);
    case 'commits':
    case 'history':
    case 'hunt':
    case 'pull-request':
      return blobs + skipped.length > 0 && excludesEverything(config);
  }
}

function excludesEverything(config: Config | null): boolean {
  return config !== null && PROBES.every((name) => config.ignoresPath(name));
}
