// Makes the pictures of the dashboard in .github/images: `npm run screenshots`, with pngquant, which makes them small. Not part of the tests, since
// pictures differ from machine to machine.

import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startAdmin } from '../admin/http-client.js';
import { AskingClient } from '../asking-client.js';
import { TypeFolders } from '../type-folders.js';
import { openPage, startBrowser } from './browser.js';

const FOLDER = fileURLToPath(new URL('../../../.github/images/', import.meta.url));
const MOST_BYTES = 60 * 1024;
const SECONDS = 45;

/** The name of the picture, the view, and the theme. */
const PICTURES = [
  ['live', 'live', 'light'],
  ['types', 'types/set', 'dark'],
  ['objects', 'objects/key/set$colours', 'light'],
  ['call', 'objects/call/board/put/spring', 'dark'],
  ['hot', 'hot', 'light'],
  ['log', 'log', 'dark'],
] as const;

const BROKEN = `return {
  name = "basket"
  methods = {},
}
`;

const FAILING = `return { name = "coupon", methods = {
  redeem = { access = "upsert", run = function(self, args, call)
    return self.percent / 100
  end },
} }
`;

test.runIf(process.env.SCREENSHOTS !== undefined)('pictures of each view', { timeout: 300_000 }, async () => {
  mkdirSync(FOLDER, { recursive: true });
  using folders = new TypeFolders().copy('scripts/set.lua');
  folders.script('basket.lua', BROKEN).script('coupon.lua', FAILING);
  const admin = await startAdmin([...folders.flags, '-m', '24']);
  await using _ = admin.server;
  const client = await AskingClient.connect(admin.server.port);
  await client.get('set:new:colours');
  for (const call of ['set:put:colours', 'coupon:redeem:spring', 'coupon:redeem:summer'])
    await client.line(`get ${call}\r\n`);
  const browser = await startBrowser();
  const show = async ([, route, colorScheme]: (typeof PICTURES)[number]) => {
    const opened = await openPage(browser, { colorScheme, viewport: { width: 1280, height: 800 } });
    await opened.page.goto(`http://127.0.0.1:${admin.port}/#/${route}`);
    await opened.page.locator('main .panel').first().waitFor();
    return opened;
  };
  let isLoading = true;
  const load = (async () => {
    for (let round = 0; isLoading; round++) {
      await client.until(`${requestsOf(round)}version\r\n`, /VERSION .*\r\n$/);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  // The view of what is live has to be open for some time.
  const live = await show(PICTURES[0]);
  await live.page.waitForTimeout(SECONDS * 1000);
  folders.copy('scripts/quota.lua');
  await admin.server.logged(/quota is live/);
  for (const picture of PICTURES) {
    await using opened = picture === PICTURES[0] ? live : await show(picture);
    // Other lines have paths of this machine.
    if (picture[0] === 'log') await opened.page.getByLabel('Levels').selectOption('warnings and errors');
    await opened.page.waitForTimeout(1500);
    const path = join(FOLDER, `dashboard-${picture[0]}.png`);
    await opened.page.screenshot({ path, animations: 'disabled' });
    execFileSync('pngquant', ['--force', '--strip', '--output', path, '64', path]);
    expect([path, statSync(path).size < MOST_BYTES]).toEqual([path, true]);
  }
  isLoading = false;
  await load;
  client.close();
  await browser.close();
});

/** A load whose reads concentrate on some keys, and that goes up and down. */
function requestsOf(round: number): string {
  const requests: string[] = [];
  const count = 250 + Math.round(120 * Math.sin(round / 40) + 40 * Math.random());
  for (let number = 0; number < count; number++) {
    const user = Math.floor(30_000 * Math.random() ** 3);
    requests.push(`get user:${user}\r\n`);
    if (number % 6 === 0) {
      const value = 'x'.repeat(200 + ((user * 37) % 3000));
      requests.push(`set user:${user} 0 ${user % 3 === 0 ? 600 : 0} ${value.length}\r\n${value}\r\n`);
    }
    if (number % 20 === 0) requests.push(`get set:put:colours:shade-${user % 300}\r\n`);
    if (number % 30 === 0) requests.push(`get board:put:spring:player-${user % 200}:${user % 7}:incr\r\n`);
  }
  return requests.join('');
}
