/**
 * What every git process of ours is given. A repository's own configuration
 * can name programs to run and hosts to ask; here each of these is overruled,
 * and what the repository could use to hide objects is switched off.
 */

/** Needed for git to start and to find the user's own configuration. */
const KEPT = new Set([
  'PATH',
  'HOME',
  'XDG_CONFIG_HOME',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  // Windows
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
  'TEMP',
  'TMP',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'ALLUSERSPROFILE',
  'PROGRAMFILES',
]);

/** Set by git for its hooks: they say which repository, index and quarantine are meant. */
const LOCATING = new Set([
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_QUARANTINE_PATH',
]);

const FIXED: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  GIT_NO_LAZY_FETCH: '1',
  // Older gits do not know the line above; no protocol is then left to fetch by.
  // Unlike `protocol.allow`, this also overrules a repository's `protocol.ext.allow`.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: '/dev/null',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_DISCOVERY_ACROSS_FILESYSTEM: '1',
};

const SETTINGS: readonly string[] = [
  'protocol.allow=never',
  'safe.bareRepository=all',
  // Programs.
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.pager=cat',
  // Files that could claim less than the repository holds.
  'core.untrackedCache=false',
  'core.commitGraph=false',
  'core.multiPackIndex=false',
  'core.useReplaceRefs=false',
  'submodule.recurse=false',
  'advice.graftFileDeprecated=false',
];

/**
 * The environment of a git process: an allow-list, then our fixed values.
 *
 * @param located - keep the variables that locate a repository; false when a
 *   person named one, so that a hook's `GIT_DIR` does not win over it
 */
export function gitEnvironment(from: NodeJS.ProcessEnv, located: boolean): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined) continue;
    const key = name.toUpperCase();
    if (KEPT.has(key) || (located && LOCATING.has(key))) environment[name] = value;
  }
  return { ...environment, ...FIXED };
}

/** Arguments that go before the subcommand. */
export function globalArguments(safeDirectories: readonly string[]): string[] {
  const settings = [...SETTINGS, ...safeDirectories.map((directory) => `safe.directory=${directory}`)];
  return ['--no-pager', ...settings.flatMap((setting) => ['-c', setting])];
}
