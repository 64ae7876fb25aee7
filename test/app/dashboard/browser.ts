// A browser for tests of the dashboard: an installed Chromium (CHROMIUM names another one), and pages that record what they do wrong.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** The file of the browser; undefined if there is none. */
export const CHROMIUM = [
  process.env.CHROMIUM ?? '',
  ...['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
    (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)),
  ),
].find((path) => path !== '' && existsSync(path));

export async function startBrowser(): Promise<Browser> {
  // Root has no sandbox; in containers shared memory is small.
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  return chromium.launch({ ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }), args });
}

export interface Watched {
  readonly page: Page;
  /** Errors of scripts, and what the policy of the page has forbidden. */
  readonly problems: readonly string[];
  /** The addresses of all requests. */
  readonly requests: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** A page in a context of its own: nothing is cached or stored. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const problems: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('request', (request) => requests.push(request.url()));
  return { page, problems, requests, [Symbol.asyncDispose]: () => context.close() };
}

/** Presses Tab until the focus is on an element that matches; each one on the way must show that it has the focus. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  const path: string[] = [];
  for (let step = 0; step < 200; step++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate((wanted) => {
      const element = document.activeElement as HTMLElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const active = element.querySelector('.active');
      const isMarked = (outlineStyle !== 'none' && outlineWidth !== '0px') || active !== null;
      return {
        name: `${element.tagName} ${element.id} ${element.textContent?.slice(0, 20)}`,
        isMarked: isMarked || element === document.body,
        isWanted: element.matches(wanted),
      };
    }, selector);
    path.push(found.name);
    if (!found.isMarked) throw new Error(`the focus cannot be seen on ${found.name}`);
    if (found.isWanted) return;
  }
  throw new Error(`Tab does not reach ${selector}: ${path.join(' > ')}`);
}

/** The longest task of the main thread while `work` runs, in milliseconds: the least of several attempts, since other programs take time too. */
export async function longestTask(page: Page, enough: number, work: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && least >= enough; attempt++) {
    await page.evaluate(() => {
      const seen = { longest: 0 };
      Object.assign(window, { seen });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
      }).observe({ entryTypes: ['longtask'] });
    });
    await work();
    least = Math.min(least, await page.evaluate(() => (window as never as { seen: { longest: number } }).seen.longest));
  }
  return least;
}
