import { describe, expect, test } from 'vitest';

import { notCode } from '../../../src/detect/checks/not-code.ts';

describe('not-code', () => {
  test.each([
    'properties',
    'Optional[StrictStr]',
    'TestSubaccountPasswordConfirmPassword',
    'config.mail.password',
    'get(Password)',
    'settings2.get(',
    'SMTP_PASSWORD',
    'a-z0-9$',
    '?:word1',
    'acme+api://',
    'cfg.influxdbPassword',
    'snmpv3_auth_pwd',
    'cloud_sql.0.credential.0.password',
    'Net::SMTP::SSL=GLOB',
  ])('turns down %s', (secret) => {
    expect(notCode({ secret }, undefined)).toBe('code');
  });

  test.each([
    ['qW', 'eR', 'tZ', 'uI'].join(''),
    ['Winter', '2024', '!'].join(''),
    ['hunter', '2', 'hunter'].join(''),
    'p@sswords',
    ['8f', 'password'].join(''),
    ['kd83', 'Pwd', '91'].join(''),
    'tr0ub4dor',
  ])('lets a password pass', (secret) => {
    expect(notCode({ secret }, undefined)).toBeNull();
  });
});
