import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityProblems, launchBrowser, overflowsSideways } from './browser.ts';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 390, height: 800 }, screen: { width: 390, height: 800 } });
});

afterAll(async () => {
  await browser?.close();
});

const whole = (body: string) =>
  `<!doctype html><html lang="en"><head><title>A page</title><meta name="viewport" content="width=device-width"></head><body><main><h1>A page</h1>${body}</main></body></html>`;

test('a button is clicked, and its text takes up room', async () => {
  await page.setContent(whole(`<button onclick="this.textContent = 'Clicked'">Press this button</button>`));
  expect((await page.getByRole('button').boundingBox())!.width).toBeGreaterThan(80);
  await page.getByRole('button').click();
  expect(await page.getByRole('button').textContent()).toBe('Clicked');
});

test('emoji are drawn in colour', async () => {
  await page.setContent(whole(''));
  const colours = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    const pen = canvas.getContext('2d')!;
    pen.font = '40px sans-serif';
    pen.fillText('🎉', 0, 50);
    const { data } = pen.getImageData(0, 0, 80, 80);
    const seen = new Set<string>();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) seen.add(data.slice(at, at + 3).join());
    return seen.size;
  });
  expect(colours).toBeGreaterThan(20);
});

test('the accessibility check is silent on a sound page and says what is wrong with another', async () => {
  await page.setContent(whole('<p>Sound.</p>'));
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.setContent(whole('<img src="data:,"><div class="ours"><button></button></div>'));
  const problems = await accessibilityProblems(page, { exclude: ['.ours'] });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^image-alt: .*img/);
});

test('a page that is wider than the phone is noticed', async () => {
  await page.setContent(whole('<p>Narrow.</p>'));
  expect(await overflowsSideways(page)).toBe(false);
  await page.setContent(whole('<div style="width: 500px">Wide.</div>'));
  expect(await overflowsSideways(page)).toBe(true);
});
