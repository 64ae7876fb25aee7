// The types that ship, in TypeScript, against the suite that both languages have to pass.

import { loadPlugin } from '../native/load-plugin.js';
import { describeConformance } from './conformance.js';

describeConformance('TypeScript', loadPlugin);
