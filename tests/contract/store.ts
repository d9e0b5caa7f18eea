import { describe } from "node:test";
import { describeArticles } from "#tests/contract/store/articles";
import { describeBroadcasts } from "#tests/contract/store/broadcasts";
import { describeChats } from "#tests/contract/store/chats";
import { describeClaim } from "#tests/contract/store/claim";
import { describeDesk } from "#tests/contract/store/desk";
import { describeDigests } from "#tests/contract/store/digests";
import { describeErase } from "#tests/contract/store/erase";
import { describeFanOut } from "#tests/contract/store/fan-out";
import { describeFeeds } from "#tests/contract/store/feeds";
import { describeFinish } from "#tests/contract/store/finish";
import { describeGauges } from "#tests/contract/store/gauges";
import { describeHours } from "#tests/contract/store/hours";
import { describeLeases } from "#tests/contract/store/leases";
import { describeMerge } from "#tests/contract/store/merge";
import type { CreatePlace } from "#tests/contract/store/place";
import { describeReach } from "#tests/contract/store/reach";
import { describeRetention } from "#tests/contract/store/retention";
import { describeSubscriptions } from "#tests/contract/store/subscriptions";
import { describeTexts } from "#tests/contract/store/texts";
import { describeTransactions } from "#tests/contract/store/transactions";
import { describeUnknown } from "#tests/contract/store/unknown";
import { describeWhy } from "#tests/contract/store/why";

/** What core may expect of a store, whatever keeps it. Each test runs in a place of its own. */
export function describeStore(name: string, create: CreatePlace): void {
  describe(`store on ${name}`, { timeout: 300_000 }, () => {
    describe("feeds", () => describeFeeds(create));
    describe("articles", () => describeArticles(create));
    describe("chats", () => describeChats(create));
    describe("chats that move into one another", () => describeMerge(create));
    describe("subscriptions", () => describeSubscriptions(create));
    describe("outbox: add and fan out", () => describeFanOut(create));
    describe("outbox: claim", () => describeClaim(create));
    describe("outbox: after the claim", () => describeFinish(create));
    describe("hours", () => describeHours(create));
    describe("digests", () => describeDigests(create));
    describe("outbox: what is unknown", () => describeUnknown(create));
    describe("broadcasts", () => describeBroadcasts(create));
    describe("the editors' desk and the trail", () => describeDesk(create));
    describe("which chats a story reached", () => describeReach(create));
    describe("why", () => describeWhy(create));
    describe("what is kept no longer", () => describeRetention(create));
    describe("erasure of a person", () => describeErase(create));
    describe("gauges and alarms", () => describeGauges(create));
    describe("leases and claims", () => describeLeases(create));
    describe("transactions", () => describeTransactions(create));
    describe("texts", () => describeTexts(create));
  });
}
