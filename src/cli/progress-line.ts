import { byteSize, grouped } from '../report/words.ts';
import type { OnProgress, Progress } from '../sources/progress.ts';
import type { Output } from './streams.ts';

/** One changing line on a terminal; nothing anywhere else. */
export interface ProgressLine {
  readonly onProgress: OnProgress;
  /** Clears the line. */
  end(): void;
}

const SILENT: ProgressLine = { onProgress: () => undefined, end: () => undefined };
/** What takes no longer than this shows no line. */
const PATIENCE_MS = 400;

/** @param now - milliseconds on a steady clock */
export function progressLine(err: Output, wanted: boolean, now: () => number = () => performance.now()): ProgressLine {
  if (!wanted || !err.isTerminal) return SILENT;
  const started = now();
  const pace = new Pace();
  let shown = false;
  return {
    onProgress(progress) {
      const elapsed = now() - started;
      pace.add(elapsed, progress.objects);
      if (elapsed < PATIENCE_MS) return;
      shown = true;
      err.write(`\r\u001b[K${progressText(progress, elapsed, pace.leftMs(progress)).slice(0, err.columns - 1)}`);
    },
    end() {
      if (shown) err.write('\r\u001b[K');
    },
  };
}

/** What was done in so many milliseconds tells how fast it goes; what was done before, at another kind of work, does not. */
const WINDOW_MS = 5000;
/** Less than this tells nothing yet. */
const LEAST_MS = 1500;

/** How fast objects have been going lately. */
export class Pace {
  #samples: { readonly atMs: number; readonly objects: number }[] = [];

  add(atMs: number, objects: number): void {
    this.#samples.push({ atMs, objects });
    const first = this.#samples.findIndex((sample) => sample.atMs >= atMs - WINDOW_MS);
    if (first > 0) this.#samples = this.#samples.slice(first);
  }

  /** Time that the rest takes at that pace; null where there is no telling. */
  leftMs({ objects, total }: Progress): number | null {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (total === undefined || first === undefined || last === undefined) return null;
    const done = last.objects - first.objects;
    const took = last.atMs - first.atMs;
    return took < LEAST_MS || done === 0 ? null : (Math.max(0, total - objects) / done) * took;
  }
}

/** `12,345 of 50,000 objects · 1.2 GB · 310 MB/s · 0:04, about 0:12 left`; at last `putting it together` */
export function progressText({ objects, bytes, total }: Progress, elapsedMs: number, leftMs: number | null): string {
  const isRead = total !== undefined && objects >= total;
  const left = leftMs === null ? '' : `, about ${clock(leftMs)} left`;
  return [
    `${grouped(objects)}${total === undefined ? '' : ` of ${grouped(total)}`} objects`,
    byteSize(bytes),
    `${byteSize(bytes / (elapsedMs / 1000))}/s`,
    `${clock(elapsedMs)}${isRead ? ', putting it together' : left}`,
  ].join(' · ');
}

function clock(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, '0');
  return minutes < 60
    ? `${minutes}:${rest}`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}
