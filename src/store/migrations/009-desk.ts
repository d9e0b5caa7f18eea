import type { Migration } from "#store/migrations/migration";

/** Articles that wait for an editor, words that make them wait, and who did what to an article. */
export const desk: Migration = {
  number: 9,
  name: "desk",
  statements: ({ types: { id, int, small, endOfTable } }) => [
    // What the editors made of it where it went to nobody; null otherwise.
    "alter table articles add column desk text",
    // JSON: what its feed said of the fields that an editor wrote anew.
    "alter table articles add column by_hand text",

    `create table held_articles (
      article_id ${int} primary key references articles (id),
      since ${int} not null,
      reviewed ${small} not null,
      watched text,
      embargo_until ${int},
      preflight text,
      check_at ${int},
      editors ${int} not null,
      approvals ${int} not null,
      expires_at ${int}
    )${endOfTable}`,

    `create table watch_words (
      key text primary key,
      word text not null,
      added_at ${int} not null
    )${endOfTable}`,

    `create table article_steps (
      id ${id},
      article_id ${int} not null references articles (id),
      key text not null unique,
      step text not null,
      platform text,
      person text,
      note text,
      revision ${int} not null,
      message_id ${int} references messages (id),
      told ${small} not null,
      at ${int} not null
    )${endOfTable}`,
    "create index article_steps_of on article_steps (article_id, id)",
    "create index article_steps_message on article_steps (message_id) where message_id is not null",
    "create index article_steps_untold on article_steps (id) where told = 0",
    // What was done before this step was known, as far as its messages are kept.
    `insert into article_steps (article_id, key, step, revision, message_id, told, at)
      select m.article_id, m.key,
        case m.action when 'send' then 'released' when 'correct' then 'revised' else 'retracted' end,
        a.revision, m.id, 1, m.created_at
      from messages m join articles a on a.id = m.article_id
      where m.kind = 'article' order by m.id`,
  ],
};
