import type { Entry } from '../../respond/journal/entry.ts';
import { type Incident, createIncident, currentUser } from '../../respond/journal/store.ts';
import { VERSION } from '../../session/version.ts';

type Opened = Extract<Entry, { readonly type: 'opened' }>;

/** A new incident with its first entry. What a command line can be wrong about has been refused before. */
export function beginIncident(root: string, about: Omit<Opened, 'type' | 'version' | 'user' | 'uid'>): Incident {
  const incident = createIncident(root, () => new Date());
  const { user, uid } = currentUser();
  incident.journal.append({ type: 'opened', version: VERSION, user, uid, ...about });
  return incident;
}
