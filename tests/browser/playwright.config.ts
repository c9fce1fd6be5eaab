import { defineConfig } from "@playwright/test";

// What leaves behind what other pages then show.
const JOURNEYS = /(main-journey|alert-to-case|verification|ways-in|no-script)\.spec\.ts/;

// Debian's Chromium; no browser is downloaded. One worker: the journeys change one district.
export default defineConfig({
  testDir: ".",
  workers: 1,
  fullyParallel: false,
  // Long enough for a walk of many pages on two busy cores: a test fails by what it sees, not by how long it took.
  timeout: 300_000,
  expect: { timeout: 20_000 },
  retries: 0,
  reporter: [["list"]],
  // The journeys first: they leave behind what the other pages then show, from a decided case to a pay list.
  projects: [
    { name: "journeys", testMatch: JOURNEYS },
    { name: "pages", testIgnore: JOURNEYS },
  ],
  outputDir: "../../target/browser-results",
  use: {
    actionTimeout: 20_000,
    navigationTimeout: 60_000,
    baseURL: process.env.TUODI_URL,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
