// The page in Firefox, led over WebDriver BiDi; prints what was seen as JSON.
// The environment says where and what: PAGE_URL, FIREFOX, LINE, SHOTS (a folder for screenshots), and JOB, a file: a text
// that is too long for one line, what the API tells of its job each time it is asked, and the parts' sounds by path, in base64.
const fs = require("node:fs");
const puppeteer = require("puppeteer-core");

const { PAGE_URL, FIREFOX, LINE, SHOTS, JOB } = process.env;
const job = JSON.parse(fs.readFileSync(JOB, "utf-8"));
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
// By night. And a sound may be heard that nobody has clicked for: whoever leads a browser this way clicks for nothing.
const PREFERENCES = { "layout.css.prefers-color-scheme.content-override": 0, "media.autoplay.default": 0 };

// What was marked, in order: it may be over before it is looked at.
function witness() {
  window.marked = [];
  new MutationObserver((changes) => {
    const marked = changes.map(({ target }) => target).filter((target) => target.matches(".sentence[aria-current]"));
    window.marked.push(...marked.map((sentence) => sentence.textContent));
  }).observe(document, { subtree: true, attributeFilter: ["aria-current"] });
}

async function main() {
  const browser = await puppeteer.launch({
    browser: "firefox", executablePath: FIREFOX, headless: true, defaultViewport: DESKTOP,
    extraPrefsFirefox: PREFERENCES,
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(40_000);
    const complaints = [];
    page.on("console", (message) => ["error", "warn"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.evaluateOnNewDocument(witness);
    console.log(JSON.stringify({ ...(await walk(page)), complaints }));
  } finally {
    await browser.close();
  }
}

// Stand where the API's jobs are.
async function answerForJobs(page) {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const path = new URL(request.url()).pathname;
    const [told] = job.told;
    if (/\/jobs(\/\w+)?$/.test(path)) {
      if (job.told.length > 1) job.told.shift();
      const status = request.method() === "POST" ? 202 : 200;
      request.respond({ status, contentType: "application/json", body: JSON.stringify(told) });
    } else if (path in job.sounds) {
      request.respond({ contentType: "audio/flac", body: Buffer.from(job.sounds[path], "base64") });
    } else request.continue();
  });
}

async function walk(page) {
  const inPage = (selector, read) => page.$eval(selector, read);
  const until = (condition, ...given) => page.waitForFunction(condition, {}, ...given);
  const shot = (name) => page.screenshot({ path: `${SHOTS}/firefox-${name}.png`, fullPage: true });
  const speak = async (text) => {
    await inPage("#text", (box) => (box.value = ""));
    await page.type("#text", text);
    await page.keyboard.down("Control");
    await page.keyboard.press("Enter");
    await page.keyboard.up("Control");
  };

  await page.goto(PAGE_URL);
  await page.waitForSelector("#champions input[value=ahri]");
  await speak(LINE);
  await until(() => document.querySelector("#result audio").ended);
  // Without a sound card Firefox says that it cannot play, and goes on as if it did: what is said is not looked at.
  const line = {
    marked: await page.evaluate(() => window.marked),
    seconds: await inPage("#result audio", (audio) => audio.currentTime),
    bars: (await inPage("#result .bars", (bars) => bars.getAttribute("d"))).match(/(?<=v)[\d.]+/g).map(Number),
    background: await inPage("body", (body) => getComputedStyle(body).backgroundColor),
    listed: await inPage(".entry-text", (entry) => entry.textContent),
  };
  await shot("speak");

  await page.setViewport(PHONE);
  const phone = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  await shot("phone");
  await page.setViewport(DESKTOP);

  await page.click("nav [data-view=voices]");
  await page.waitForSelector(".voice");
  const voices = await page.$$eval(".voice h2", (names) => names.map((name) => name.textContent));
  await shot("voices");

  await page.click("nav [data-view=speak]");
  await answerForJobs(page);
  await page.evaluate(() => (window.marked = []));
  await speak(job.text);
  await until((parts) => window.marked.length === parts, job.parts);
  const long = {
    marked: await page.evaluate(() => window.marked),
    state: await inPage("#result .state", (state) => state.textContent),
  };
  await shot("job");
  return { line, phone, voices, long };
}

main();
