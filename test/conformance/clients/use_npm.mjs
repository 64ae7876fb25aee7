// Every command of memcached clients from npm. Arguments: port, package, folder where the packages are installed. The output is
// compared in clients.test.ts.

import { createRequire } from 'node:module';

const [, , port, name, folder] = process.argv;
const require = createRequire(`${folder}/`);
const server = `127.0.0.1:${port}`;
const ODD = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), Buffer.from('\r\nEND\r\n')]);
const LARGE = 'x'.repeat(1_000_000);

const text = (value) => (value === null || value === undefined ? null : value.toString());

/** The value of a promise, or the name of its error. */
async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    return error.name;
  }
}

function called(call) {
  return new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
}

const CLIENTS = {
  async memjs() {
    const client = require('memjs').Client.create(server, { retries: 0, timeout: 20, logger: { log() {} } });
    const get = async (key) => text((await client.get(key)).value);
    const results = {};
    results.set = [await client.set('a', '1', {}), await get('a'), await get('missing')];
    results.add = [await client.add('a', '2', {}), await client.add('b', '2', {})];
    results.replace = [await client.replace('a', '3', {}), await client.replace('missing', '3', {})];
    results.join = [
      ...[
        await client.append('a', '4'),
        await outcome(client.append('missing', '4')),
        await client.prepend('a', '2'),
        await get('a'),
      ],
    ];
    const number = async (promise) => (await promise).value;
    const first = await number(client.increment('n', 1, { initial: 11 }));
    results.incr = [first, await number(client.increment('n', 5, {})), await number(client.decrement('n', 100, {}))];
    results.delete = [await client.delete('n'), await client.delete('n')];
    results.touch = [await client.touch('b', 100), await client.touch('missing', 100)];
    await client.set('odd', ODD, {});
    results.odd = (await client.get('odd')).value.equals(ODD);
    await client.set('large', LARGE, {});
    results.large = (await get('large')) === LARGE;
    const many = Array.from({ length: 100 }, (_, index) => `many${index}`);
    await Promise.all(many.map((key) => client.set(key, key, {})));
    results.many = (await Promise.all(many.map(get))).join() === many.join();
    const statistics = await new Promise((resolve) => client.stats((_error, _server, rows) => resolve(rows)));
    results.stats = Number(statistics.curr_items) > 0;
    results.flush = [Object.values(await called((done) => client.flush(done))).every(Boolean), await get('a')];
    client.quit();
    return results;
  },

  async '@keyv/memcache'() {
    const Keyv = require('keyv').default;
    const { KeyvMemcache } = require('@keyv/memcache');
    const cache = new Keyv({ store: new KeyvMemcache(server), namespace: 'app' });
    const results = {};
    results.set = [await cache.set('a', { b: [1] }, 60_000), await cache.get('a'), text(await cache.get('missing'))];
    results.has = [await cache.has('a'), await cache.has('missing')];
    results.many = await cache.get(['a', 'missing']);
    results.delete = [await cache.delete('a'), text(await cache.get('a'))];
    await cache.set('c', 1);
    await cache.clear();
    results.clear = text(await cache.get('c'));
    await cache.disconnect();
    return results;
  },

  async 'connect-memjs'() {
    const Store = require('connect-memjs')(require('express-session'));
    const store = new Store({ servers: [server], prefix: 's:' });
    const session = { cookie: { maxAge: 60_000 }, cart: ['apple'] };
    await called((done) => store.set('id', session, done));
    const read = await called((done) => store.get('id', done));
    await called((done) => store.destroy('id', done));
    return { read: read.cart, destroyed: text(await called((done) => store.get('id', done))) };
  },

  async 'memcache-plus'() {
    const client = new (require('memcache-plus'))({ hosts: [server] });
    const results = {};
    await client.set('a', '1', 100);
    results.set = [await client.get('a'), text(await client.get('missing'))];
    results.types = [await client.set('o', { b: 1 }).then(() => client.get('o'))];
    results.add = [await outcome(client.add('a', '2')), await outcome(client.add('b', '2'))];
    results.replace = [await outcome(client.replace('a', '3')), await outcome(client.replace('missing', '3'))];
    await client.set('n', '10');
    results.incr = [
      Number(await client.incr('n', 1)),
      Number(await client.incr('n', 5)),
      Number(await client.decr('n', 3)),
    ];
    results.multi = await client.getMulti(['a', 'b', 'missing']);
    results.cas = await client.gets('b').then(([value, token]) => client.cas('b', `${value}!`, token));
    results.delete = [await client.delete('n'), text(await client.get('n'))];
    await client.append('a', '4');
    await client.prepend('a', '2');
    results.join = await client.get('a');
    results.large = await client.set('large', LARGE).then(async () => (await client.get('large')) === LARGE);
    results.version = (await client.version()).length > 0;
    results.items = typeof (await outcome(client.items()));
    await client.flush();
    results.flush = text(await client.get('a'));
    await client.disconnect();
    return results;
  },

  async 'memcache-client'() {
    const { MemcacheClient } = require('memcache-client');
    const client = new MemcacheClient({ server });
    const results = {};
    const value = async (key) => text((await client.get(key))?.value);
    results.set = [await client.set('a', '1'), await value('a'), await value('missing')];
    results.types = [await client.set('o', { b: 1 }), (await client.get('o')).value];
    results.add = [await outcome(client.add('a', '2')), await outcome(client.add('b', '2'))];
    results.replace = [await outcome(client.replace('a', '3')), await outcome(client.replace('missing', '3'))];
    results.join = [await client.append('a', '4'), await client.prepend('a', '2'), await value('a')];
    await client.set('n', '10');
    results.incr = [await client.incr('n', 1), await client.incr('n', 5), await client.decr('n', 3)];
    const { casUniq } = await client.gets('b');
    results.cas = [await outcome(client.cas('b', '5', { casUniq })), await outcome(client.cas('b', '6', { casUniq }))];
    results.delete = [await outcome(client.delete('n')), await outcome(client.delete('n'))];
    results.touch = [await outcome(client.touch('b', 100)), await outcome(client.touch('missing', 100))];
    results.multi = Object.keys(await client.get(['a', 'b', 'missing']));
    await client.set('odd', ODD);
    results.odd = (await client.get('odd')).value.equals(ODD);
    await client.set('large', LARGE);
    results.large = (await value('large')) === LARGE;
    await client.set('quiet', '1', { noreply: true });
    results.noreply = await value('quiet');
    results.version = (await client.version())[0] === 'VERSION';
    results.flush = [(await client.cmd('flush_all'))[0], await value('a')];
    client.shutdown();
    return results;
  },
};

// Some clients keep their connections open.
process.stdout.write(JSON.stringify(await CLIENTS[name]()), () => process.exit());
