/** What the ids of names begin with, before a number. Names are no objects and have no id of their own. */
export const REF_NAME = 'ref-name:';
export const ENTRY_NAME = 'entry-name:';
