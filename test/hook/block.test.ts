import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { blockVersion, withBlock, withoutBlock } from '../../src/cli/hook/block.ts';
import { calledScript, hookScript, hookVersion } from '../../src/cli/hook/script.ts';

const installation = { node: '/opt/node 20/bin/node', script: "/home/o'neil/ünleak.cjs" };

describe('the lines in a hook that people keep', () => {
  test.each([null, '', 'npm test\n', 'npm test', '#!/bin/sh\r\nnpm test\r\n', '\u00ff\u00fe\n'])(
    'leave %j as it was',
    (text) => {
      const installed = withBlock(text, 'pre-commit', installation);
      expect(blockVersion(installed)).toBe(1);
      expect(installed.startsWith(text ?? '#')).toBe(true);
      expect(withoutBlock(installed)).toBe(text);
      expect(withBlock(installed, 'pre-commit', installation)).toBe(installed);
    },
  );

  test('leave any text as it was', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(withoutBlock(withBlock(text, 'pre-commit', installation))).toBe(text);
      }),
    );
  });

  test('keep what was written after them', () => {
    const grown = `${withBlock('npm test', 'pre-commit', installation)}npm run more\n`;
    expect(withoutBlock(grown)).toBe('npm test\nnpm run more\n');
  });

  test('keep what was written to a file of ours', () => {
    const grown = `${withBlock(null, 'pre-commit', installation)}npm run more\n`;
    expect(withoutBlock(grown)).toBe('npm run more\n');
  });
});

describe('a hook of our own', () => {
  test('says who wrote it and what it calls', () => {
    const text = hookScript('pre-commit', installation);
    expect(hookVersion(text)).toBe(1);
    expect(calledScript(text)).toBe(installation.script);
    expect(blockVersion(text)).toBeNull();
    expect(hookVersion('#!/bin/sh\nnpm test\n# unleak-hook 1 pre-commit\n')).toBeNull();
  });

  test('names no path of this machine where it is shared', () => {
    const text = hookScript('pre-commit', { ...installation, script: null });
    expect(text).not.toContain('/opt/');
    expect(calledScript(text)).toBe('node_modules/unleak/dist/bin/unleak.cjs');
  });
});
