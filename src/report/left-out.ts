/** How the ways of `ConfigurationUse.disables` read: what comes before the glob, id or name, and what after it. */
const WAYS: ReadonlyMap<string, readonly [before: string, after: string]> = new Map([
  ['path', ['paths ', '']],
  ['rule', ['rule ', '']],
  ['rules but', ['all rules but ', '']],
  ['files over', ['files over ', '']],
  ['allow', ['what it allows for ', '']],
  ['allow-list', ['what its allow-list ', ' names']],
]);

/**
 * What a configuration leaves out, in words: `paths vendor/**` for `path:vendor/**`.
 *
 * @param mark - makes somebody else's text fit for the format, and sets it off
 */
export function leftOutText(disabled: string, mark: (text: string) => string): string {
  const colon = disabled.indexOf(':');
  const way = colon === -1 ? undefined : WAYS.get(disabled.slice(0, colon));
  return way === undefined ? mark(disabled) : `${way[0]}${mark(disabled.slice(colon + 1))}${way[1]}`;
}
