// The server that the tests of the dashboard look at: types that can be called, fail and change, many other types, and many keys.

import { type AdminProcess, startAdmin } from '../admin/http-client.js';
import { AskingClient } from '../asking-client.js';
import { scriptOf, TypeFolders } from '../type-folders.js';

/** Takes each kind of parameter, and returns what it has got as JSON. */
const FORM = `return {
  name = "form",
  summary = "shows <b>its</b> arguments",
  methods = {
    show = {
      access = "upsert",
      parameters = {
        { name = "count", type = "integer", minimum = 1, maximum = 9 },
        { name = "tags", type = "array" },
        { name = "colour", type = "string", enum = { "red", "green" }, default = "red" },
        { name = "loud", type = "boolean", default = false },
        { name = "note", type = "string", default = "" },
      },
      run = function(self, args)
        self.last = args.note
        return tostring(args.count) .. "|" .. args.colour .. "|" .. tostring(args.loud) .. "|" .. tostring(#args.tags) .. "|" .. args.note
      end,
    },
    fail = { access = "upsert", run = function() error("<img src=x onerror=hacked=1>") end },
  },
}
`;

export interface ServedPage extends AsyncDisposable {
  readonly admin: AdminProcess;
  readonly folders: TypeFolders;
  readonly client: AskingClient;
  readonly url: string;
}

export async function servePage(types: number, keys: number): Promise<ServedPage> {
  const folders = new TypeFolders().copy('scripts/set.lua');
  folders.script('form.lua', FORM);
  folders.script('pulse.lua', scriptOf('pulse', { beat: 'return "1"' }));
  for (let number = 0; number < types; number++) {
    const name = `many${number}`;
    folders.script(`${name}.lua`, scriptOf(name, { read: 'return "1"' }));
  }
  const admin = await startAdmin([...folders.flags, '-m', '512']);
  const client = await AskingClient.connect(admin.server.port);
  await fill(client, keys);
  const end = async () => {
    client.close();
    await admin.server[Symbol.asyncDispose]();
    folders[Symbol.dispose]();
  };
  return { admin, folders, client, url: `http://127.0.0.1:${admin.port}/`, [Symbol.asyncDispose]: end };
}

const KEYS_A_BATCH = 5000;

async function fill(client: AskingClient, keys: number): Promise<void> {
  for (let from = 0; from < keys; from += KEYS_A_BATCH) {
    let requests = '';
    for (let number = from; number < Math.min(keys, from + KEYS_A_BATCH); number++) {
      requests += `set key:${number} 0 0 5 noreply\r\nvalue\r\n`;
    }
    await client.until(`${requests}version\r\n`, /VERSION .*\r\n$/);
  }
}
