import type { Occurrence } from '../core/finding.ts';

/** Addresses on the server of what a report names. */
export interface Links {
  commit(id: string): string;
  /** The line of a file as a commit has it; null for what stands in no file of a commit. */
  line(place: Occurrence): string | null;
}

/** @param repositoryUrl - such as `https://github.com/owner/name` */
export function linksTo(repositoryUrl: string): Links {
  return {
    commit: (id) => `${repositoryUrl}/commit/${segment(id)}`,
    line({ path, commit, kind, line, endLine }) {
      if (path === null || commit === null || kind !== 'blob' || path.includes('!')) return null;
      const lines = endLine > line ? `#L${line}-L${endLine}` : `#L${line}`;
      return `${repositoryUrl}/blob/${segment(commit)}/${path.split('/').map(segment).join('/')}${lines}`;
    },
  };
}

/** Nothing that ends an address in Markdown or HTML is left as it is. */
function segment(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd')).replace(
    /[!'()*~_]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
