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
  let shown = false;
  return {
    onProgress(progress) {
      const elapsed = now() - started;
      if (elapsed < PATIENCE_MS) return;
      shown = true;
      err.write(`\r\u001b[K${progressText(progress, elapsed).slice(0, err.columns - 1)}`);
    },
    end() {
      if (shown) err.write('\r\u001b[K');
    },
  };
}

/** `12,345 of 50,000 objects · 1.2 GB · 310 MB/s · 0:04, about 0:12 left` */
export function progressText({ objects, bytes, total }: Progress, elapsedMs: number): string {
  const share = total === undefined || total === 0 ? null : objects / total;
  const left = share === null || share === 0 ? '' : `, about ${clock((elapsedMs / share) * (1 - share))} left`;
  return [
    `${grouped(objects)}${total === undefined ? '' : ` of ${grouped(total)}`} objects`,
    byteSize(bytes),
    `${byteSize(bytes / (elapsedMs / 1000))}/s`,
    `${clock(elapsedMs)}${left}`,
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
