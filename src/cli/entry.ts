/** What the launcher asks for by name. */
export { main } from './main.ts';
