import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { challengeIn, isHtml, signInIn } from "#content/shared/challenge";
import { workedMs } from "#tests/fakes/cpu";

const page = (head: string, body = ""): string =>
  `<!DOCTYPE html><html><head>${head}</head><body>${body}</body></html>`;
const answer = (status: number, text: string, headers: Record<string, string> = {}) => ({
  status,
  url: "https://news.example/feed",
  headers,
  bytes: Buffer.from(text),
});

describe("a test for robots", () => {
  it("is known by its own marks", () => {
    for (const [who, text] of [
      ["Cloudflare", page("<title>Just a moment...</title>")],
      ["Cloudflare", page("<title>Attention Required! | Cloudflare</title>")],
      ["Cloudflare", page("<title>Один момент…</title>", "<script>window._cf_chl_opt={}</script>")],
      ["Cloudflare", page("", '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script>')],
      ["DataDome", page("<title>news.example</title>", '<script src="https://ct.captcha-delivery.com/i.js"></script>')],
      ["HUMAN (PerimeterX)", page("", '<div id="px-captcha"></div>')],
      ["Akamai", page("<title>Access Denied</title>", "You cannot. <p>Reference&#32;&#35;18&#46;1</p>")],
      ["Imperva", page("", "Request unsuccessful. Incapsula incident ID: 12-34")],
      ["Amazon", page("", "<script>window.gokuProps = {}</script>")],
      ["Sucuri", page("<title>Sucuri WebSite Firewall - Access Denied</title>")],
      ["Vercel", page("<title>Vercel Security Checkpoint</title>")],
      ["DDoS-Guard", page("<title>DDOS-GUARD</title>")],
      [
        "Anubis",
        page("<title>Making sure</title>", '<script id="anubis_challenge" type="application/json">{}</script>'),
      ],
    ] as const) {
      for (const from of [text, answer(403, text), answer(200, text)]) {
        assert.match(
          challengeIn(from) ?? "",
          new RegExp(`^answered with a page of ${who.replace(/[()]/g, "\\$&")} that`),
          text,
        );
      }
    }
  });

  it("is known by headers that say so", () => {
    for (const [name, value, who] of [
      ["cf-mitigated", "challenge", "Cloudflare"],
      ["x-vercel-mitigated", "challenge", "Vercel"],
      ["x-amzn-waf-action", "captcha", "Amazon"],
    ] as const) {
      assert.match(challengeIn(answer(200, "", { [name]: value })) ?? "", new RegExp(`of ${who} that`));
    }
    assert.equal(challengeIn(answer(403, "", { server: "cloudflare", "cf-ray": "1" })), null);
  });

  it("is known by its title in many languages, where no page was looked for or it was refused", () => {
    for (const title of [
      "Are you a human? Captcha",
      "Security check",
      "Проверка браузера",
      "אימות אנושי",
      "التحقق من أنك إنسان",
    ]) {
      const text = page(`<title>${title}</title>`);
      assert.match(challengeIn(text) ?? "", /^answered with a page that tests for robots/, title);
      assert.notEqual(challengeIn(answer(403, text)), null, title);
      // An article may be headed like that.
      assert.equal(challengeIn(answer(200, text)), null, title);
    }
  });

  it("is not seen in what such services put into the pages of their customers", () => {
    const usual = page(
      "<title>Ferry runs again</title><script src='https://js.datadome.co/tags.js'></script>",
      `<script src="/cdn-cgi/challenge-platform/h/g/scripts/jsd/main.js"></script><div class="g-recaptcha"></div>
       <script src="/_Incapsula_Resource?SWJIYLWA=1"></script><p>Access Denied, said the guard. Reference 1.</p>`,
    );
    assert.equal(challengeIn(usual), null);
    assert.equal(challengeIn(answer(200, usual)), null);
    // Refused, the same marks are proof enough.
    assert.match(challengeIn(answer(403, usual)) ?? "", /that tests for robots/);
    assert.equal(challengeIn(answer(404, page("<title>Not found</title>"))), null);
  });

  it("is looked for in linear time", () => {
    for (const text of [
      "<title>".repeat(50_000),
      "<title>Access Denied</title>".repeat(20_000),
      "<input ".repeat(50_000),
      "<!--".repeat(90_000),
    ]) {
      const begun = workedMs();
      challengeIn(text);
      challengeIn(answer(403, text));
      signInIn(text);
      isHtml(Buffer.from(text));
      // Some ms here; a bound for what hangs.
      assert(workedMs() - begun < 5_000, text.slice(0, 20));
    }
  });
});

describe("the beginning of a web page", () => {
  it("is told from that of a feed", () => {
    for (const text of [
      "<!DOCTYPE html>",
      "  \n<!doctype HTML><html>",
      "\ufeff<html lang=he>",
      "<!-- saved --> <html>",
      "<head>",
      "<script>",
    ]) {
      assert(isHtml(Buffer.from(text)), text);
    }
    for (const text of [
      "",
      "<?xml version='1.0'?><rss>",
      "<rss>",
      "<feed>",
      '{"version":"x"}',
      "<!-- html --><rss>",
      "text <html>",
      "<htmlx>",
    ]) {
      assert(!isHtml(Buffer.from(text)), text);
    }
  });
});
