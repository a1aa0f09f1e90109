import type { ArchiveOpener } from './archive.ts';
import { inflate } from './inflate.ts';
import { openTar } from './tar.ts';
import { openZip } from './zip.ts';

/** Opens zip (jar, docx, apk, whl, …), gzip and tar. */
export const openArchive: ArchiveOpener = function* open(bytes, format, budget) {
  switch (format) {
    case 'zip':
      yield* openZip(bytes, budget);
      return;
    case 'tar':
      yield* openTar(bytes, budget);
      return;
    case 'gzip': {
      const opened = inflate(bytes, 'gzip', budget);
      yield opened instanceof Uint8Array ? { name: 'content', bytes: opened } : opened;
    }
  }
};
