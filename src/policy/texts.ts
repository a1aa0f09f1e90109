import type { PolicyCode, PolicyFinding } from '../core/policy.ts';

/** What people are told; the articles are the providers' own. */
export interface PolicyText extends Pick<PolicyFinding, 'level' | 'title' | 'advice' | 'reference'> {}

const RULES = 'The 10 Rules of API Key Security';
const MISTAKES = 'Common Authentication Mistakes';

export const POLICY_TEXTS: Readonly<Record<PolicyCode, PolicyText>> = {
  POLICY_ENV_FILE: {
    level: 'warning',
    title: 'Key in an environment file that git has, or would take',
    advice:
      'Add the file to .gitignore, take it out with git rm --cached, and commit an example without values instead.',
    reference: `${RULES}, rule 2`,
  },
  POLICY_CHAT_OR_MAIL: {
    level: 'warning',
    title: 'Key in a mail or chat',
    advice: 'Whoever has the archive has the key: rotate it, and hand keys over through a secrets manager.',
    reference: `${RULES}, rule 3`,
  },
  POLICY_SHARED_KEY: {
    level: 'warning',
    title: 'One key for several applications',
    advice: 'Give each application a key of its own, so that one can be revoked without stopping the others.',
    reference: `${RULES}, rule 4`,
  },
  POLICY_WIDE_SCOPE: {
    level: 'note',
    title: 'Key with the widest scope',
    advice: 'Create a key with the least scope that the application needs, such as sending only, and revoke this one.',
    reference: `${RULES}, rule 5`,
  },
  POLICY_OLD_KEY: {
    level: 'note',
    title: 'Key older than 90 days',
    advice: 'Rotate it: unleak rotate creates, hands over, verifies, and revokes the old one last.',
    reference: `${RULES}, rule 6`,
  },
  POLICY_CLIENT_SIDE: {
    level: 'warning',
    title: 'Key in code that runs in the user’s browser or app',
    advice: 'Call the provider from your own server; what a browser or an app is sent, everybody can read.',
    reference: `${RULES}, rule 7`,
  },
  POLICY_UNUSED_ALIVE: {
    level: 'warning',
    title: 'Key that no branch holds any more, and that still works',
    advice: 'Revoke it: nobody would miss it, and the history gives it away.',
    reference: `${RULES}, rule 9`,
  },
  POLICY_PRODUCTION_FILE: {
    level: 'note',
    title: 'Key of production in a file',
    advice: 'Let a secrets manager hold it and hand it to the application when it starts.',
    reference: `${RULES}, rule 10`,
  },
  POLICY_WRONG_PLATFORM: {
    level: 'warning',
    title: 'Key beside the host of another platform',
    advice: 'Keys are made for one platform each: use the one of the platform that is called.',
    reference: `${MISTAKES}, 1`,
  },
  POLICY_WHITESPACE: {
    level: 'note',
    title: 'Blank or line break at the end of a key',
    advice: 'Take it away: with it the provider knows no such key.',
    reference: `${MISTAKES}, 2`,
  },
  POLICY_QUERY_PARAMETER: {
    level: 'warning',
    title: 'Key in the query of an address',
    advice: 'Send it in the Authorization header; addresses end up in logs, histories and referrers.',
    reference: `${MISTAKES}, 3`,
  },
  POLICY_NO_BEARER: {
    level: 'note',
    title: 'Authorization header without Bearer',
    advice: 'Write Authorization: Bearer, one space, and the key.',
    reference: `${MISTAKES}, 4`,
  },
  POLICY_BEARER_FORM: {
    level: 'note',
    title: 'Authorization header with bearer in another form',
    advice: 'Write Bearer with a capital letter, then exactly one space.',
    reference: 'The Authorization Header, Scheme',
  },
  POLICY_CUT_SHORT: {
    level: 'note',
    title: 'Key that is cut short, or that the provider does not know',
    advice: 'Compare its last four characters with the dashboard; use the whole key.',
    reference: 'The Authorization Header, Token',
  },
};
