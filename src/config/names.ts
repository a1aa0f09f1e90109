/** Where a configuration stands: beside the repository's root. Cheap to import, unlike the loader. */
export const CONFIG_FILE = '.unleak.toml';
