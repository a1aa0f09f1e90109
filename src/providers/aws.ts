import { canaryReason } from './aws-canary.ts';
import type { ActionMeaning, Answer, Auth, Call, Provider, Template } from './declaration.ts';
import { asks, documented, means, observed, reads, writes } from './shorthand.ts';

/** Its errors are those that AWS documents as common to all services. */
const STS = observed(
  'https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html, as every SDK calls it',
);
/** Same form as the call that was read; SDKs have them. */
const LIKE_IAM = observed('https://docs.aws.amazon.com/IAM/latest/APIReference/, as every SDK calls it');
const IAM = documented('https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html');

function signed(service: string, keyId: Template, secret: Template): Auth {
  return { kind: 'aws', service, region: 'us-east-1', keyId, secret };
}

/** Leaf elements of an XML answer by name; those inside `<member>` once more as a list. Nothing is nested deeper here. */
export function parseAwsXml(body: string): Readonly<Record<string, unknown>> {
  const leaves = (text: string): Record<string, string> =>
    Object.fromEntries(
      [...text.matchAll(/<(\w{1,64})>([^<]{0,2048})<\/\1>/g)].map(([, name = '', value = '']) => [name, value]),
    );
  const members = [...body.matchAll(/<member>([\s\S]{0,8192}?)<\/member>/g)].map(([, text = '']) => leaves(text));
  const user = /<Arn>arn:aws[\w-]*:iam::\d+:user\/(?:[^<]*\/)?([\w+=,.@-]{1,64})<\/Arn>/.exec(body)?.[1];
  return {
    ...leaves(body.replaceAll(/<member>[\s\S]*?<\/member>/g, '')),
    members,
    ...(user === undefined ? {} : { UserName: user }),
  };
}

const DENIED: readonly Answer<ActionMeaning>[] = [
  means(404, 'not-found', { at: 'Code', is: 'NoSuchEntity' }),
  means([400, 403], 'denied'),
];

function iam(name: string, effect: 'read' | 'write', fields: Readonly<Record<string, Template>>): Call<ActionMeaning> {
  const make = effect === 'read' ? reads : writes;
  return make(name === 'deactivate-access-key' ? IAM : LIKE_IAM, name, 'POST /', {
    base: 'main',
    auth: signed('iam', '{callerKeyId}', '{caller}'),
    body: { kind: 'form', value: { ...fields, Version: '2010-05-08' } },
    parse: parseAwsXml,
    errorAt: ['Code'],
    answers: [means(200, 'ok'), ...DENIED],
  });
}

const DEACTIVATE = iam('deactivate-access-key', 'write', {
  Action: 'UpdateAccessKey',
  UserName: '{user}',
  AccessKeyId: '{id}',
  Status: 'Inactive',
});
const DELETE = iam('delete-access-key', 'write', {
  Action: 'DeleteAccessKey',
  UserName: '{user}',
  AccessKeyId: '{id}',
});

export const AWS: Provider = {
  id: 'aws',
  title: 'AWS',
  bases: { main: 'https://iam.amazonaws.com', sts: 'https://sts.amazonaws.com' },
  operator: {
    sets: [
      [
        {
          name: 'callerKeyId',
          env: 'UNLEAK_AWS_ACCESS_KEY_ID',
          secret: false,
          says: 'access key id of an administrator',
        },
        { name: 'caller', env: 'UNLEAK_AWS_SECRET_ACCESS_KEY', secret: true, says: 'its secret' },
      ],
    ],
  },
  kinds: [
    {
      id: 'aws-key',
      title: 'AWS access key',
      parts: { keyId: ['aws-access-key-id'] },
      open: ['keyId'],
      neverAsk: (part) => canaryReason(part('keyId')),
      probes: [
        {
          call: asks(STS, 'get-caller-identity', 'POST /', {
            base: 'sts',
            auth: signed('sts', '{keyId}', '{secret}'),
            body: { kind: 'form', value: { Action: 'GetCallerIdentity', Version: '2011-06-15' } },
            parse: parseAwsXml,
            errorAt: ['Code'],
            answers: [
              {
                status: 200,
                means: 'live',
                learn: [
                  { as: 'account', at: 'Account' },
                  { as: 'user', at: 'UserName' },
                  { as: 'arn', at: 'Arn' },
                ],
              },
              means(403, 'refused', { at: 'Code', is: 'InvalidClientTokenId' }),
              means(403, 'refused', { at: 'Code', is: 'SignatureDoesNotMatch' }),
              means(403, 'refused', { at: 'Code', is: 'ExpiredToken' }),
            ],
          }),
        },
      ],
      identify: { by: 'derived', part: 'keyId' },
      listing: {
        call: iam('list-access-keys', 'read', { Action: 'ListAccessKeys', UserName: '{user}', MaxItems: '100' }),
        items: 'members',
        id: 'AccessKeyId',
        createdAt: 'CreateDate',
        active: { at: 'Status', is: 'Active' },
      },
      revoke: {
        kind: 'automatic',
        ways: [
          { spends: 'operator', calls: [DEACTIVATE, DELETE] },
          // Only where the user's own policy lets the key do it.
          { spends: 'leaked', calls: [DEACTIVATE, DELETE] },
        ],
      },
      order: 'revoke-first',
      settlesWithin: 300,
      collateral: [],
      limits: { keys: 2, ...documented('https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html') },
      mints: [
        {
          what: 'Temporary sessions (GetSessionToken, AssumeRole): they live on, up to 36 hours, after the key is gone',
          outlives: true,
          guide:
            'Deny the user and every role it could assume by aws:TokenIssueTime before now ("Revoke active sessions" in the console).',
        },
        {
          what: 'Users, access keys, login profiles, roles and trust policies',
          outlives: true,
          guide:
            'CloudTrail: CreateUser, CreateAccessKey, CreateLoginProfile, UpdateAssumeRolePolicy by this access key id, in every region.',
        },
        {
          what: 'Instances, functions, images, snapshots shared with other accounts',
          outlives: true,
          guide: 'CloudTrail events of this access key id; the bill shows what still runs.',
        },
      ],
      dashboard: {
        url: 'https://console.aws.amazon.com/iam/home#/users',
        revoke: [
          'Open the user, then Security credentials.',
          'Set the access key to Inactive, see that nothing of yours breaks, then delete it.',
        ],
        create: ['Click Create access key; a user has two at most.'],
        recognise: 'The list shows the whole access key id.',
        ...documented('https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html'),
      },
    },
  ],
  support: {
    how: 'AWS Support: Account and billing, or the abuse form',
    url: 'https://repost.aws/knowledge-center/potential-account-compromise',
    ...documented('https://repost.aws/knowledge-center/potential-account-compromise'),
  },
  unpublished: [],
};
