// memjs with SASL. Arguments: port, password, folder where the package is installed. The expected results are in logins.test.ts.

import { createRequire } from 'node:module';

const [, , port, password, folder] = process.argv;
const { Client } = createRequire(`${folder}/`)('memjs');
const client = Client.create(`127.0.0.1:${port}`, {
  username: 'ann',
  password,
  retries: 0,
  timeout: 5,
  logger: { log() {} },
});

async function use() {
  const stored = await client.set('a', '1', {});
  const [found, missing] = [await client.get('a'), await client.get('missing')];
  return [stored, found.value.toString(), missing.value];
}

const result = await use().catch(() => 'refused');
console.log(JSON.stringify({ result }));
client.close();
process.exit(0);
