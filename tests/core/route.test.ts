import assert from "node:assert/strict";
import { test } from "node:test";
import { createRoutes } from "#core/route";
import { article, createNewsroom } from "#tests/fakes/newsroom";

test("an article goes to all where all want it, to some where some do, and wants that come later count too", async () => {
  const { store, clock, feed, subscribe, close } = await createNewsroom();
  try {
    const routes = createRoutes();
    const sport = article("Rowers win", { topics: ["Sport"] });
    assert.equal((await routes(store))(sport, feed.id), "subscribed");
    const ada = await subscribe("ada");
    await store.subscriptions.setPreferences(ada.id, { topics: ["Economy"] }, clock.now());
    const route = await routes(store);
    assert.deepEqual(route(sport, feed.id), { wants: [0] });
    assert.equal(route(article("Rates rise", { topics: ["Economy"] }), feed.id), "subscribed");
    await store.subscriptions.setPreferences(ada.id, { mutes: ["rates"] }, clock.now());
    const [, , muted] = await store.subscriptions.wants();
    const after = (await routes(store))(sport, feed.id);
    assert.deepEqual(after, { wants: [0, muted?.id] });
  } finally {
    await close();
  }
});
