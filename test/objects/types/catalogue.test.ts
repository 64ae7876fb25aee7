// Names, versions and shadows of types.

import { expect, test } from 'vitest';
import { Catalogue, type CatalogueEntry } from '../../../src/objects/types/catalogue.js';

const SCRIPTS = 0;
const PLUGINS = 1;

function load(catalogue: Catalogue, name: string, file: string, rank: number): CatalogueEntry {
  const language = rank === SCRIPTS ? 'lua' : 'typescript';
  const entry = { name, file, language, rank, version: catalogue.nextVersion(name, rank) } as const;
  catalogue.put(entry);
  return entry;
}

test('each load of a name gets the next version, even after a removal', () => {
  const catalogue = new Catalogue();
  const versions = ['scripts/a.lua', 'scripts/a.lua', 'scripts/b.lua'].map((file) => {
    catalogue.remove('scripts/a.lua');
    return load(catalogue, 't', file, SCRIPTS).version;
  });
  expect(versions).toEqual([1, 2, 3]);
  expect(load(catalogue, 't', 'plugins/t.ts', PLUGINS).version).toBe(1);
});

test('the type of the lowest rank is active and shadows the others until it is removed', () => {
  const catalogue = new Catalogue();
  const plugin = load(catalogue, 't', 'plugins/t.ts', PLUGINS);
  expect([catalogue.find('t'), catalogue.shadowOf(plugin)]).toEqual([plugin, undefined]);
  const script = load(catalogue, 't', 'scripts/t.lua', SCRIPTS);
  expect([catalogue.find('t'), catalogue.shadowOf(plugin)]).toEqual([script, script]);
  expect([...catalogue.inForce().values()]).toEqual([script]);
  expect(catalogue.remove('scripts/t.lua')).toBe(script);
  expect([catalogue.find('t'), catalogue.shadowOf(plugin)]).toEqual([plugin, undefined]);
});

test('a file that renames its type gives up the old name', () => {
  const catalogue = new Catalogue();
  load(catalogue, 'old', 'scripts/a.lua', SCRIPTS);
  const renamed = load(catalogue, 'new', 'scripts/a.lua', SCRIPTS);
  expect([catalogue.find('old'), catalogue.holderOf('new', SCRIPTS)]).toEqual([undefined, renamed]);
  expect(catalogue.fromFile('scripts/a.lua')).toBe(renamed);
});
