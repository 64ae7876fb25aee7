#!/usr/bin/env node
// The command `cacheismo`: main.ts in files that the build has compiled.

import './v8-flags.js';
import { fileURLToPath } from 'node:url';
import { CompiledFiles } from './compiled-files.js';

new CompiledFiles(fileURLToPath(new URL('.', import.meta.url))).load('main.cjs');
