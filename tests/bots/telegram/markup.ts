import assert from "node:assert/strict";

const entities: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"' };

export interface Markup {
  /** What is left when the markup is read. */
  text: string;
  links: { href: string; text: string }[];
  /** The text in each tag's dress. */
  dressed: Record<string, string[]>;
}

/** Reads Telegram's HTML as strictly as its server does, and fails on what that refuses. */
export function readMarkup(html: string): Markup {
  assert.ok(Buffer.byteLength(html) <= 32_768, "raw text is too long");
  assert.ok(html.isWellFormed(), "text is not UTF-8");
  const open: { name: string; start: number; href: string }[] = [];
  const links: Markup["links"] = [];
  const dressed: Markup["dressed"] = {};
  let text = "";
  for (const [token] of html.matchAll(/<[^>]*>?|&[a-z]*;?|[^<&]+/gi)) {
    if (token.startsWith("<")) {
      const [, close, name = "", attribute, href = ""] =
        /^<(\/?)(a|b|i|s|code)( href="([^"<>]*)")?>$/.exec(token) ?? assert.fail(`unsupported tag ${token}`);
      if (close) {
        const top = open.pop();
        assert.equal(name, top?.name, `unmatched end tag ${token}`);
        const inside = text.slice(top?.start);
        dressed[name] = [...(dressed[name] ?? []), inside];
        if (name === "a") links.push({ href: decode(top?.href ?? ""), text: inside });
      } else {
        assert.equal(Boolean(attribute), name === "a", `attribute of ${token}`);
        assert.ok(
          !open.some((tag) => tag.name === "code" || tag.name === name),
          `${token} inside of ${open.map((tag) => tag.name)}`,
        );
        open.push({ name, start: text.length, href });
      }
    } else if (token.startsWith("&")) {
      text += entities[token] ?? assert.fail(`unknown entity ${token}`);
    } else {
      assert.ok(!token.includes(">"), "a bare >");
      text += token;
    }
  }
  assert.deepEqual(open, [], "a tag is not closed");
  for (const { href } of links) assert.match(href, /^https?:\/\/[^\s"<>]+$/);
  return { text, links, dressed };
}

const decode = (text: string): string =>
  text.replace(/&[a-z]*;?/g, (entity) => entities[entity] ?? assert.fail(`unknown entity ${entity}`));
