// Opens the page in Debian's Chromium, and fails a test whose page wrote to the console or asked the network for anything.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

export const FILE = new URL("../dist/index.html", import.meta.url).href;

const known = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = known.find((path) => path && existsSync(path)) ?? execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();

let browser;

export async function start() {
  // As root, and in a container, Chromium has no sandbox to run in. The page is our own file.
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

export async function stop() {
  await browser.close();
}

/** Opens the page, runs `use`, and checks that nothing was complained of and nothing was fetched. */
export async function onPage(options, use) {
  const { hash = "", width = 1280, height = 900, dark = false, url = FILE, touch = false } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    hasTouch: touch,
    offline: url === FILE,
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && request.url().split("#")[0] !== url) complaints.push(`asked for ${request.url()}`);
  });
  try {
    await page.goto(url + hash);
    await page.waitForSelector("html[data-ready]", { timeout: 60_000 });
    await use(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

/** The texts of these elements, without blanks around them. */
export async function texts(page, selector) {
  return (await page.locator(selector).allInnerTexts()).map((text) => text.trim());
}

/** The messages that have arrived. */
export function messages(page) {
  return texts(page, "#messages li");
}

/** The offsets of the cuts. */
export async function cuts(page) {
  return page.locator(".cut").evaluateAll((all) => all.map((cut) => Number(cut.dataset.cut)));
}

/** The bytes on the wire, as digits. */
export async function wire(page) {
  return (await page.locator("#wire .hex").allTextContents()).join("");
}

/** The offsets of the bytes that are drawn as this part of a frame. */
export async function bytesOf(page, part) {
  return page.locator(`.byte.${part}`).evaluateAll((all) => all.map((cell) => Number(cell.dataset.byte)));
}
