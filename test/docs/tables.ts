// Reads the tables of the docs and the titles of the tests.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = new URL('../../', import.meta.url).pathname;

export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The rows of the table under a heading (or of the whole file), each as its cells. */
export function rowsOf(markdown: string, heading?: string): string[][] {
  const from = heading === undefined ? 0 : markdown.indexOf(`\n## ${heading}\n`);
  if (from < 0) throw new Error(`there is no heading "${heading}"`);
  const next = heading === undefined ? -1 : markdown.indexOf('\n## ', from + 1);
  const section = markdown.slice(from, next < 0 ? undefined : next);
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .slice(1)
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
}

/** The `code` in a cell; several, separated by commas. */
export const codesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** The ids of docs/requirements.md: R and E are list items, A are rows of a table. */
export const requiredRules = (): string[] =>
  [...textOf('docs/requirements.md').matchAll(/^(?: *- \*\*([RE]\d+[abc]?)\*\*|\| (A\d+) \|)/gm)].map(
    ([, listed, settled]) => listed ?? settled ?? '',
  );

export function testFiles(): string[] {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `test/${file}`);
}

const TITLE = /\b(?:it|test|describe)(?:\.each\([\s\S]*?\)|\.prop\([\s\S]*?\))?\(\s*(['"`])((?:\\.|(?!\1)[\s\S])*?)\1/g;
const RULE = /\b(?:R\d+[abc]?|A\d+|E\d+|INV\d+)\b/g;

/** The rule ids in the titles of a test file. */
export function rulesProvedIn(file: string): Set<string> {
  const titles = [...textOf(file).matchAll(TITLE)].map(([, , title = '']) => title);
  return new Set(titles.flatMap((title) => title.match(RULE) ?? []));
}
