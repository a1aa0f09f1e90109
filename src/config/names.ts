/** Where a configuration stands: beside the repository's root. Cheap to import, unlike the loader. */
export const CONFIG_FILE = '.unleak.toml';

/** Configurations of gitleaks and betterleaks, in the order they are looked for. */
export const GITLEAKS_CONFIG_FILES = ['.betterleaks.toml', '.gitleaks.toml'] as const;

/** Every file that configures a scan. */
export const CONFIG_FILES = [CONFIG_FILE, ...GITLEAKS_CONFIG_FILES] as const;
