// The types that ship, in Lua, against the suite that both languages must pass.

import { describeConformance } from '../../objects/conformance.js';
import { loadScript } from './load-script.js';

describeConformance('Lua', loadScript);
