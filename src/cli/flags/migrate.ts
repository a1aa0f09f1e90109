import { switchFlag } from './flag.ts';

export const WRITE = switchFlag({
  name: 'write',
  group: 'Output',
  summary: 'write the files; without it they are only listed',
});
