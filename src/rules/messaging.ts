/** Providers of the rule set `messaging`: those that send mail and messages, or take them in. */
export const MESSAGING_PROVIDERS: ReadonlySet<string> = new Set([
  'discord',
  'mailgun',
  'mailosaur',
  'migosmtp',
  'rackwave',
  'sendgrid',
  'slack',
  'telegram',
  'telnxo',
  'turbosmtp',
  'twilio',
]);
