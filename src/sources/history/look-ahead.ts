import type { Early } from '../../core/source.ts';
import type { LocatedSpans, PackScanner } from '../../git/pack/stored-scan.ts';
import type { Hits } from './hits.ts';
import type { HistoryState } from './state.ts';
import type { Changes } from './walk.ts';

type Answers = ReadonlyMap<string, LocatedSpans>;

const NOTHING: Answers = new Map();

/** Of so many blobs, or places in them, some may turn out not to be listed. */
const MOST_BLOBS = 4096;
const MOST_SPANS = 20_000;
/** So few are read again before it is known which of them bring something: the thread has nothing else to do. */
const FEW_BLOBS = 128;

/** Has blobs in packs read again by a thread of the scan, which then is let go. */
export class LookAhead {
  /** By id of the blob. */
  answers: Promise<Answers> = Promise.resolve(NOTHING);
  readonly #scanner: PackScanner | null;
  #hasBegun = false;

  constructor(scanner: PackScanner | null) {
    this.#scanner = scanner;
  }

  /** Begins with all blobs that hold something, if they are few. */
  beginEarly(state: HistoryState, hits: Hits, early: Early): void {
    if (hits.blobs.length <= FEW_BLOBS) this.#begin(state, hits, early, () => true);
  }

  /** Begins with the blobs by which commits introduce something, unless it has begun. */
  begin(state: HistoryState, hits: Hits, { introductions }: Changes, early: Early): void {
    if (this.#hasBegun) return;
    const introduced = new Set(introductions.map(({ hit }) => hit));
    this.#begin(state, hits, early, (hit) => introduced.has(hit));
  }

  #begin({ store: { packs } }: HistoryState, hits: Hits, { spansOf }: Early, isMeant: (hit: number) => boolean): void {
    const look = this.#scanner?.look ?? null;
    const asked = hits.blobs.flatMap(({ hit, position }) => {
      const id = hits.ids[hit] ?? '';
      const spans = isMeant(hit) ? spansOf(id) : null;
      return spans === null ? [] : [{ id, row: position, spans }];
    });
    const count = asked.reduce((sum, { spans }) => sum + spans.length, 0);
    if (look === null || packs === null || asked.length > MOST_BLOBS || count > MOST_SPANS || count === 0) return;
    this.#hasBegun = true;
    this.answers = look(packs, asked)
      .then((located) => new Map(asked.flatMap(({ id, row }) => pairOf(id, located.get(row)))))
      // Whatever went wrong in another thread: each is read by itself.
      .catch(() => NOTHING);
  }

  /** Nothing more will be begun, nor asked of the thread. */
  end(): void {
    void this.answers.finally(() => this.#scanner?.end());
  }
}

function pairOf(id: string, located: LocatedSpans | undefined): (readonly [string, LocatedSpans])[] {
  return located === undefined ? [] : [[id, located]];
}
