// The types that ship, in TypeScript, against the suite that both languages must pass.

import { loadPlugin } from '../languages/typescript/load-plugin.js';
import { describeConformance } from './conformance.js';

describeConformance('TypeScript', loadPlugin);
describeConformance('TypeScript on the arena', loadPlugin, { arenaBytes: 1024 * 1024 });
