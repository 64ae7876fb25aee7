// Run by the build: keeps the code that V8 makes of the test kit while it is used. Not part of the package.

import { PACKAGE_ROOT } from '../../base/package-root.js';
import { CompiledFiles } from '../compiled-files.js';

const files = new CompiledFiles(`${PACKAGE_ROOT}dist/bundle/`);
const { createTestCache } = files.load('testing-kit.cjs') as typeof import('./testing.js');

const types = ['scripts', 'plugins'].map((folder) => PACKAGE_ROOT + folder);
const cache = await createTestCache({ types });
for (const key of ['set:new:k', 'set:put:k:a', 'set:count:k']) await cache.call(key);
cache.object('set', 'k');
cache.advance(1000);
await cache.send('get set:count:k\r\n');
cache.close();
files.save();
