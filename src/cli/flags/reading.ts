import { sizeFlag, switchFlag } from './flag.ts';

export const MAX_FILE_SIZE = sizeFlag({
  name: 'max-file-size',
  group: 'What is read',
  summary: 'leave out what is larger, such as 20M (default: no limit)',
  value: 'SIZE',
});

export const WHOLE_FILES = switchFlag({
  name: 'whole-files',
  group: 'What is read',
  summary: 'judge everything in the staged files, not only what the commit introduces',
});

export const REACHABLE = switchFlag({
  name: 'reachable',
  group: 'What is read',
  summary: 'only objects that some ref or reflog reaches',
});
