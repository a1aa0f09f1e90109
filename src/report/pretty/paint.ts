import { styleText } from 'node:util';

import type { Severity } from '../../core/rule.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it alone where the output shows none. */
export type Paint = (style: Style, text: string) => string;

export function painter(color: boolean): Paint {
  return color ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
}

export const SEVERITY_STYLE: Readonly<Record<Severity, Style>> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'blue',
};
