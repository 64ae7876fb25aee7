// Checks of the documents: files that they name exist, each dependency has its reason, templates are valid. The README's dialogues and
// options: readme.test.ts.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const IGNORED = /(^|\/)(\.git|node_modules|dist|coverage)(\/|$)/;

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const documents = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.md') && !IGNORED.test(path),
);

describe('each document', () => {
  test('links to files that exist', () => {
    const broken = documents.flatMap((path) => {
      const links = [...read(path).matchAll(/\]\(([^)#]+?)(?:#[^)]*)?\)/g)].map((match) => match[1]);
      const own = links.filter((link) => !/^[a-z]+:/.test(link));
      return own.filter((link) => !existsSync(join(ROOT, dirname(path), link))).map((link) => `${path}: ${link}`);
    });
    expect(broken).toEqual([]);
  });

  test('names paths of the repository that exist', () => {
    const wrong = documents.flatMap((path) => {
      const named = [...read(path).matchAll(/`((?:src|test|schemas|scripts|plugins)\/[\w./-]+)`/g)];
      return named.map((match) => match[1]).filter((name) => !existsSync(join(ROOT, name)));
    });
    expect(wrong).toEqual([]);
  });
});

test('CONTRIBUTING has a reason for each dependency, and for no other', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const table = read('.github/CONTRIBUTING.md').split('## Dependencies')[1] ?? '';
  const rows = [...table.matchAll(/^\| (`[^|]+`) \| [^|]+ \|$/gm)].map((match) => match[1]);
  const reasoned = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]));
  expect(reasoned.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
});

test('commands that CONTRIBUTING and the guide of the tests name are scripts of the package', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const text = ['README.md', '.github/CONTRIBUTING.md', 'test/README.md'].map(read).join('\n');
  const named = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map((match) => match[1]);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('issue templates are valid forms for GitHub', () => {
  const folder = '.github/ISSUE_TEMPLATE';
  const forms = readdirSync(join(ROOT, folder)).filter((name) => name !== 'config.yml');
  for (const name of forms) {
    const form = parse(read(join(folder, name))) as {
      readonly name?: string;
      readonly description?: string;
      readonly body?: readonly { readonly type: string; readonly attributes: Readonly<Record<string, unknown>> }[];
    };
    expect(form, name).toMatchObject({ name: expect.any(String), description: expect.any(String) });
    for (const { type, attributes } of form.body ?? []) {
      expect(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes'], name).toContain(type);
      expect(attributes, name).toHaveProperty(type === 'markdown' ? 'value' : 'label');
    }
  }
});
