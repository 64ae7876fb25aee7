// Directories of object types for a server under test.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export class TypeFolders implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'cacheismo-types-'));
  readonly scripts = join(this.root, 'scripts');
  readonly plugins = join(this.root, 'plugins');

  constructor() {
    mkdirSync(this.scripts);
    mkdirSync(this.plugins);
  }

  get flags(): readonly string[] {
    return ['--scripts', this.scripts, '--plugins', this.plugins];
  }

  /** Copies a file of the repository, such as `scripts/set.lua`, into the scripts. */
  copy(path: string): this {
    cpSync(join(ROOT, path), join(this.scripts, path.replace(/^.*\//, '')));
    return this;
  }

  script(name: string, text: string): this {
    writeFileSync(join(this.scripts, name), text);
    return this;
  }

  plugin(name: string, text: string): this {
    writeFileSync(join(this.plugins, name), text);
    return this;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A script with methods of the given bodies; each may use `self`, `args` and, as `args.text`, one argument. `new` makes an object. */
export function scriptOf(name: string, bodies: Readonly<Record<string, string>>): string {
  const methods = Object.entries(bodies).map(
    ([method, body]) =>
      `    ${method} = { access = "write", parameters = { { name = "text", type = "string", default = "" } }, run = function(self, args, call)\n${body}\nend },`,
  );
  return `return {
  name = "${name}",
  methods = {
    new = { access = "create", run = function() return "CREATED" end },
${methods.join('\n')}
  },
}
`;
}

/** The same in TypeScript; bodies may use `self`, `args.text` and `call`. */
export function pluginOf(name: string, bodies: Readonly<Record<string, string>>): string {
  const methods = Object.entries(bodies).map(
    ([method, body]) =>
      `    ${method}: method({ access: 'write', parameters: { text: { type: 'string', default: '' } }, run(self, args, call) {\n${body}\nreturn null;\n} }),`,
  );
  return `import { defineType, method } from 'cacheismo';
export default defineType({
  name: '${name}',
  methods: {
    new: method({ access: 'create', run: () => 'CREATED' }),
${methods.join('\n')}
  },
});
`;
}
