// A real Chromium that reaches nothing but local files.

import { chromium } from "playwright-core";

const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
               "--disable-component-update", "--disable-sync", "--allow-file-access-from-files"];

// Opens a page, hands it to `work`, closes the browser whatever happens. CHROMIUM is the program's path.
export async function withPage(viewport, work) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: QUIET });
  try {
    const context = await browser.newContext({ viewport });
    await context.route(/^(https?|wss?):/, (route) => route.abort());
    return await work(await context.newPage());
  } finally {
    await browser.close();
  }
}

export const moduleFile = (name) => new URL(`node_modules/${name}`, import.meta.url).href;
