import { deliveryDelayMs } from "#core/delivery-delay";
import type { Meter } from "#core/meter";
import type { ArticleId, ClaimedDelivery, DeliveryId, DeliveryState, StoredArticle } from "#core/model";
import type { ArticleStore, DeskStore, OutboxStore, Store, UnknownStore } from "#core/ports";

/** A store that tells what becomes of deliveries and articles: of what a transaction did, once it is durable. */
export function meteredStore(store: Store, meter: Meter): Store {
  const claims = createClaims();
  const around = (inner: Store, to: Meter): Store => ({
    ...inner,
    outbox: meteredOutbox(inner.outbox, claims, to),
    async transaction(work) {
      let tell = (): void => {};
      const result = await inner.transaction((tx) => {
        // Work that clashed with another's runs anew, and only its last run counts.
        const later = createRecorder();
        const { articles, desk, verdicts } = watchArticles(tx);
        tell = () => {
          later.tell(to);
          for (const verdict of verdicts()) to.count("crier_articles_total", { verdict });
        };
        return work({ ...around(tx, later.meter), articles, desk });
      });
      tell();
      return result;
    },
  });
  return around(store, meter);
}

/** What is remembered of a claimed delivery until it ends. */
type Claim = Pick<ClaimedDelivery, "lane" | "action"> & {
  platform: string;
  queuedAt: Date | null;
  published: { publishedAt: Date | null; seenAt: Date } | null;
};

/** More than any bot has under way, and enough for what is proven late. */
const mostClaims = 4_096;

function createClaims() {
  const claims = new Map<DeliveryId, Claim>();
  return {
    get: (id: DeliveryId): Claim | undefined => claims.get(id),
    add({ id, lane, action, chat, content }: ClaimedDelivery): void {
      const article = content.kind === "article" ? content.article : null;
      const queuedAt = action === "send" ? (article?.announcedAt ?? null) : null;
      claims.delete(id);
      claims.set(id, { lane, action, platform: chat.platform, queuedAt, published: article && startOf(article) });
      if (claims.size > mostClaims) claims.delete(claims.keys().next().value ?? id);
    },
  };
}

/** What editors held is counted from when they let it go. */
const startOf = ({ publishedAt, seenAt, announcedAt }: StoredArticle) =>
  announcedAt && announcedAt > seenAt ? { publishedAt: announcedAt, seenAt: announcedAt } : { publishedAt, seenAt };

function meteredOutbox(outbox: OutboxStore, claims: ReturnType<typeof createClaims>, meter: Meter): OutboxStore {
  const tellDelays = ({ platform, lane, action, queuedAt, published }: Claim, now: Date): void => {
    if (queuedAt) {
      const queuedMs = Math.max(0, now.getTime() - queuedAt.getTime());
      meter.observe("crier_queue_delay_seconds", { platform, lane }, queuedMs / 1000);
    }
    if (!published || action !== "send") return;
    const delayMs = deliveryDelayMs(published.publishedAt, published.seenAt, now);
    if (delayMs !== null) meter.observe("crier_delivery_delay_seconds", { platform, lane }, delayMs / 1000);
  };
  const tellEnd = (id: DeliveryId, state: DeliveryState, at: Date): void => {
    const claim = claims.get(id);
    if (!claim) return;
    meter.count("crier_deliveries_total", { platform: claim.platform, lane: claim.lane, state });
    if (state === "sent") tellDelays(claim, at);
  };
  return {
    ...outbox,
    unknown: meteredUnknown(outbox.unknown, claims, meter, tellEnd),

    async claim(...asked) {
      const claimed = await outbox.claim(...asked);
      for (const delivery of claimed) claims.add(delivery);
      return claimed;
    },

    async finish(claim, outcome, now) {
      await outbox.finish(claim, outcome, now);
      tellEnd(claim.id, outcome.state, now);
    },

    async retry(claim, ...how) {
      await outbox.retry(claim, ...how);
      const known = claims.get(claim.id);
      if (known) meter.count("crier_delivery_retries_total", { platform: known.platform, lane: known.lane });
    },

    async abandon(platform, ...how) {
      const lost = await outbox.abandon(platform, ...how);
      if (lost > 0) meter.count("crier_deliveries_abandoned_total", { platform }, lost);
      return lost;
    },
  };
}

/** What a lost answer turned out to be: what arrived was sent when it was claimed. */
const meteredUnknown = (
  unknown: UnknownStore,
  claims: ReturnType<typeof createClaims>,
  meter: Meter,
  tellEnd: (id: DeliveryId, state: DeliveryState, at: Date) => void,
): UnknownStore => ({
  ...unknown,

  async due(...asked) {
    const due = await unknown.due(...asked);
    for (const delivery of due) claims.add(delivery);
    return due;
  },

  async prove(looked, proof, now) {
    const isWritten = await unknown.prove(looked, proof, now);
    const platform = claims.get(looked.id)?.platform;
    if (!isWritten || proof.kind === "later" || !platform) return isWritten;
    meter.count("crier_proofs_total", { platform, proof: proof.kind });
    if (proof.kind === "found") tellEnd(looked.id, "sent", looked.claimedAt);
    if (proof.kind === "failed") tellEnd(looked.id, "failed", now);
    return isWritten;
  },
});

/** Articles of one transaction, and what became of them by its end. */
function watchArticles({ articles, desk }: Pick<Store, "articles" | "desk">): {
  articles: ArticleStore;
  desk: DeskStore;
  verdicts(): string[];
} {
  const added = new Set<ArticleId>();
  const announced = new Set<ArticleId>();
  const held = new Set<ArticleId>();
  const changed = new Set<ArticleId>();
  const aliased: ArticleId[] = [];
  let retracted = 0;
  return {
    articles: {
      ...articles,
      async add(...asked) {
        const article = await articles.add(...asked);
        added.add(article.id);
        return article;
      },
      async announce(id, ...asked) {
        await articles.announce(id, ...asked);
        announced.add(id);
      },
      async revise(id, ...asked) {
        const article = await articles.revise(id, ...asked);
        changed.add(id);
        return article;
      },
      async alias(feed, sourceId, article) {
        await articles.alias(feed, sourceId, article);
        aliased.push(article);
      },
      async retract(id, now) {
        const isNew = await articles.retract(id, now);
        if (isNew) retracted += 1;
        return isNew;
      },
    },
    desk: {
      ...desk,
      async hold(article, ...asked) {
        await desk.hold(article, ...asked);
        if (added.has(article)) held.add(article);
      },
    },
    verdicts: () => [
      ...[...announced].map(() => "new"),
      ...[...held].map(() => "held"),
      ...[...added.difference(announced).difference(held)].map(() => "left out"),
      ...[...changed].map(() => "changed"),
      // An article that changed under another id is the same feed's and no twin.
      ...aliased.filter((article) => !changed.has(article)).map(() => "twin"),
      ...Array.from({ length: retracted }, () => "retracted"),
    ],
  };
}

/** Keeps what it is told until it may be told on. */
function createRecorder(): { meter: Meter; tell(to: Meter): void } {
  const told: ((to: Meter) => void)[] = [];
  return {
    meter: {
      count: (...what) => void told.push((to) => to.count(...what)),
      observe: (...what) => void told.push((to) => to.observe(...what)),
    },
    tell: (to) => {
      for (const tell of told) tell(to);
    },
  };
}
