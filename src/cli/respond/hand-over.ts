import { UsageError } from '../../errors/usage.ts';
import { fileHandOver, pipeHandOver } from '../../respond/handover.ts';
import type { HandOver, Services } from '../../respond/services.ts';
import { storeHandOver } from '../../respond/stores.ts';
import type { UserFile } from '../../providers/user-file.ts';
import type { Streams } from '../streams.ts';

/** Where `--hand-over` sends a new key. @throws UsageError `USAGE_ARGUMENTS` */
export function handOverFor(
  target: string | undefined,
  userFile: UserFile,
  child: Services['child'],
  streams: Streams,
): HandOver | null {
  if (target === undefined) return null;
  const [, kind = '', name = ''] = /^(file|store|stdout)(?::(.+))?$/s.exec(target) ?? [];
  if (kind === 'stdout' && name === '') {
    if (streams.out.isTerminal)
      throw new UsageError('USAGE_ARGUMENTS', '--hand-over stdout would show the new key on this terminal', {
        mend: 'Pipe it into the program that stores it, or use file:PATH or store:NAME.',
      });
    return pipeHandOver((text) => {
      streams.out.write(text);
    });
  }
  if (kind === 'file' && name !== '') return fileHandOver(name);
  if (kind === 'store' && name !== '') return storeHandOver(name, userFile.stores, child);
  throw new UsageError('USAGE_ARGUMENTS', `--hand-over cannot be ${JSON.stringify(target)}`, {
    mend: 'Write file:PATH, store:NAME or stdout.',
  });
}
