import { describe, expect, test } from 'vitest';

import { Secret } from '../../src/core/secret.ts';
import { parseAwsXml } from '../../src/providers/aws.ts';
import { accountOfKeyId, canaryReason } from '../../src/providers/aws-canary.ts';
import { awsHeaders } from '../../src/providers/aws-signature.ts';

describe('accountOfKeyId', () => {
  test.each([
    [['ASIA', 'Y34FZKBOKMUTVV7A'], '609629065308'],
    [['AKIA', 'AYLPMN5HAAAAAAAA'], '052310077262'],
    [['AKIA', 'lower'], null],
    [['', ''], null],
  ])('reads the account out of %j', ([prefix = '', body = ''], account) => {
    expect(accountOfKeyId(prefix + body)).toBe(account);
  });
  test('knows a decoy by its account', () => {
    expect(canaryReason(['AKIA', 'AYLPMN5HAAAAAAAA'].join(''))).toContain('052310077262');
    expect(canaryReason(['AKIA', 'Y34FZKBOKMUTVV7A'].join(''))).toBeNull();
  });
});

describe('awsHeaders', () => {
  test('signs as the worked example of the signature documentation does', () => {
    // "Signature Version 4 test suite", post-x-www-form-urlencoded: same key, date and body, our fixed set of headers.
    const headers = awsHeaders({
      url: new URL('https://example.amazonaws.com/'),
      body: 'Param1=value1',
      contentType: 'application/x-www-form-urlencoded',
      service: 'service',
      region: 'us-east-1',
      keyId: 'AKIDEXAMPLE',
      secret: new Secret(['wJalrXUtnFEMI', 'K7MDENG+bPxRfiCYEXAMPLEKEY'].join('/')),
      now: new Date('2015-08-30T12:36:00Z'),
    });
    const authorization = headers['authorization'];
    expect(headers['x-amz-date']).toBe('20150830T123600Z');
    expect(authorization instanceof Secret && authorization.reveal()).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    );
  });
});

describe('parseAwsXml', () => {
  test('reads members and leaves, and the user out of an ARN with a path', () => {
    const xml = '<R><Arn>arn:aws:iam::1:user/a/b/name</Arn><L><member><AccessKeyId>K</AccessKeyId></member></L></R>';
    expect(parseAwsXml(xml)).toMatchObject({ UserName: 'name', members: [{ AccessKeyId: 'K' }] });
  });
  test('finds no user in the ARN of the root account', () => {
    expect(parseAwsXml('<Arn>arn:aws:iam::1:root</Arn>')).not.toHaveProperty('UserName');
  });
});
