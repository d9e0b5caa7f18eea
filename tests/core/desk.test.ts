import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import type { DeskSettings } from "#core/desk/hold";
import { type DeskStage, dov, edna, withDesk } from "#tests/core/desk-stage";
import { createMortalStore } from "#tests/fakes/mortal-store";
import { article } from "#tests/fakes/newsroom";
import { createDatabase } from "#tests/store/database";

const hourMs = 3_600_000;
const minuteMs = 60_000;
const one = article("One", { summary: "S." });
const oneShown = "One | S.";
const reader = "ada";
const other = "ben@c.us";

const database = await createDatabase();
if (!("missing" in database)) after(database.drop);
const engines = {
  SQLite: async () => ({}),
  PostgreSQL: async () => ("missing" in database ? {} : { databaseUrl: await database.schema() }),
};

for (const [engine, create] of Object.entries(engines)) {
  const skip = engine === "PostgreSQL" && "missing" in database && database.missing;

  const desk = async (work: (stage: DeskStage) => Promise<void>, settings?: Partial<DeskSettings>): Promise<void> =>
    withDesk(await create(), work, settings);

  suite(`the editors' desk on ${engine}`, { skip, timeout: 500_000 }, () => {
    test("a story of a feed under review waits, is told once, and goes out when an editor lets it", () =>
      desk(async ({ setRules, read, ring, ask, shows, store }) => {
        setRules({ release: "review" });
        const [taken] = await read([one]);
        assert.equal(taken?.verdict, "held");
        const told = await ring();
        assert.equal(told.length, 2, told.join("\n"));
        assert.match(
          told[0] ?? "",
          /^Edna: Held: “One” \(The Harbour Bell\): an editor is to look at it\.\n“review show 1” shows it, “review send 1” lets it go, “review drop 1” drops it\. Undecided, it goes to nobody: until tomorrow at 14:00\.$/,
        );
        assert.deepEqual(await ring(), [], "once");
        assert.deepEqual(shows(reader), []);
        assert.doesNotMatch(await ask("/latest"), /One/, "readers do not find it either");
        assert.match(
          await ask("/review"),
          /^1 {2}“One”: an editor is to look at it; since 14:00, until tomorrow at 14:00\n/,
        );
        assert.match(await ask("/review show 1"), /^One\n\nS\.\n\nhttps:\/\/bell\.example\/One\n\nHeld since 14:00/);
        assert.match(
          await ask("/review send 1"),
          /^“One” goes out to 2 chats: 1 on telegram, 1 on whatsapp\. \/retract 1 takes it back\.$/,
        );
        assert.deepEqual([shows(reader), shows(other)], [[oneShown], [oneShown]]);
        assert.match(await ask("/review send 1", dov), /^Edna on telegram let go “One” at 14:00\. \/retract 1/);
        assert.match(await ask("/review drop 1"), /^You let go “One” at 14:00\./);
        assert.deepEqual([shows(reader), await store.desk.list(9)], [[oneShown], []]);
        assert.match(await ask("/review"), /^Nothing waits for an editor/);
        assert.match(await ask("/latest"), /One/);
      }));

    test("several stories of one moment come in one notice", () =>
      desk(async ({ setRules, read, ring }) => {
        setRules({ release: "review" });
        await read(Array.from({ length: 12 }, (_, index) => article(`Story ${index + 1}`)));
        const [told, ...more] = await ring();
        assert.equal(more.length, 1, "one each");
        assert.match(told ?? "", /^Edna: 12 stories are held:\n\d+ {2}“Story \d+” [^\n]*\n/);
        assert.match(told ?? "", /\nand 2 more\.\n“review” lists them/);
      }));

    test("a dropped story goes to nobody, its twins neither; with “now” it is sent all the same", () =>
      desk(async ({ setRules, read, ask, shows, store, clock }) => {
        setRules({ release: "review" });
        await read([one]);
        assert.match(await ask("/review drop 1 not our story"), /^“One” is dropped: it goes to nobody\./);
        const { feed } = await store.feeds.add({ kind: "fake", address: "https://gazette.example/feed" }, clock.now());
        const [twin] = await read([{ ...one, sourceId: "gazette" }], { feed: feed.id });
        assert.equal(twin?.verdict, "twin", "an editor has decided about this story");
        assert.deepEqual(shows(reader), []);
        assert.match(
          await ask("/review send 1", dov),
          /^Edna on telegram dropped “One” at 14:00\. \/review send 1 now sends it all the same\.$/,
        );
        assert.equal((await store.why.article(1))?.leftOutWhy, "an editor dropped it: not our story");
        assert.match(await ask("/review send 1 now", dov), /^“One” goes out to 2 chats/);
        assert.deepEqual(shows(reader), [oneShown]);
        assert.equal((await store.why.article(1))?.leftOutWhy, null);
      }));

    test("nobody decides: it expires, is said, and can be sent late", () =>
      desk(async ({ setRules, read, ring, ask, shows, clock, store }) => {
        setRules({ release: "review" });
        await read([one]);
        await ring();
        await clock.sleep(24 * hourMs - 1_000);
        assert.deepEqual(await ring(), []);
        await clock.sleep(1_000);
        const told = await ring();
        assert.match(told.join("\n"), /Edna: Nobody decided about “One” in time: it goes to nobody\. “review send 1”/);
        assert.equal(told.length, 2);
        assert.equal((await store.why.article(1))?.leftOutWhy, "no editor let it go within 24 hours");
        assert.deepEqual([await ring(), shows(reader)], [[], []]);
        assert.match(await ask("/review drop 1"), /^“One” does not wait: it went to nobody, since no editor/);
        assert.match(await ask("/review send 1"), /^“One” goes out to 2 chats/);
        assert.deepEqual(shows(reader), [oneShown]);
      }));

    test("with two editors it needs two different persons, and one on two linked platforms is one", () =>
      desk(
        async ({ setRules, read, ring, ask, shows, store }) => {
          setRules({ release: "review" });
          await read([one]);
          await ring();
          assert.match(
            await ask("/review send 1", edna, "same call"),
            /^“One”: 1 of 2 editors has let it go; one more must/,
          );
          assert.equal(await ask("/review send 1", edna, "same call"), "", "told twice it is answered once");
          assert.match(await ask("/review send 1"), /^You have let “One” go already; another editor must too\.$/);
          const told = await ring();
          assert.deepEqual(told.length, 1, "the other one alone");
          assert.match(told[0] ?? "", /^Dov: Edna on telegram let “One” go; it waits for another of 2 editors/);
          const code = /\/link (\S+)/.exec(await ask("/link", edna))?.[1] ?? "";
          await ask(`/link ${code}`, dov);
          assert.match(await ask("/review send 1", dov), /^You have let “One” go already/, "the same person");
          await ask("/unlink", dov);
          assert.deepEqual(shows(reader), []);
          assert.match(await ask("/review send 1", dov), /^“One” goes out to 2 chats/);
          assert.deepEqual(shows(reader), [oneShown]);
          const steps = (await store.audit.steps(1)).map(({ step, by }) => `${step} ${by?.person ?? "-"}`);
          assert.deepEqual(steps, [
            "held -",
            `approved ${edna.address}`,
            `approved ${dov.address}`,
            `released ${dov.address}`,
          ]);
        },
        { editors: 2 },
      ));

    test("what was approved before a visible change counts no more, and the editors are told of the change", () =>
      desk(
        async ({ setRules, read, ring, ask, shows }) => {
          setRules({ release: "review" });
          await read([one]);
          await ring();
          await ask("/review send 1");
          await ring();
          await read([{ ...one, text: "A body." }]);
          assert.deepEqual(await ring(), [], "a body is no visible change");
          await read([{ ...one, title: "One, at noon" }]);
          const told = await ring();
          assert.equal(told.length, 2);
          assert.match(
            told[0] ?? "",
            /“One, at noon”, which is held, was changed by its feed\. headline: “One” → “One, at noon”\./,
          );
          assert.match(await ask("/review send 1", dov), /1 of 2 editors has/);
          assert.deepEqual(shows(reader), []);
          assert.match(await ask("/review send 1"), /goes out to 2 chats/);
          assert.deepEqual(shows(reader), ["One, at noon | S."], "in its newest words, and no correction");
        },
        { editors: 2 },
      ));

    test("a word of the watch-list holds a story in any of its texts, as a whole word, vowel marks aside", () =>
      desk(async ({ read, ask, shows, ring }) => {
        assert.match(await ask("/watch"), /^No word makes a story wait/);
        assert.match(await ask("/watch פצצה, prime minister"), /“פצצה” or “prime minister”/);
        assert.match(await ask("/watch Prime  Minister"), /on the list already/);
        await read([
          article("Bombastic speech"),
          article("אירוע", { text: "נמצאה הַפְּצָצָה ברחוב" }),
          article("The Prime Minister's trip"),
        ]);
        await ring();
        assert.deepEqual(
          shows(reader).map((text) => text.split(" |")[0]),
          ["Bombastic speech"],
        );
        assert.match(await ask("/review"), /the word “prime minister” stands in it[\s\S]*the word “פצצה” stands in it/);
        assert.match(await ask("/watch remove פצצה"), /No story waits because of “פצצה” any more/);
        assert.match(await ask("/watch remove nothing"), /“nothing” is not on the list/);
        assert.match(await ask("/watch"), /stands in it: prime minister\./);
        assert.match(await ask("/review send 2"), /goes out/, "what waits already waits for an editor");
        assert.match(await ask("/watch remove all"), /“prime minister”/);
        assert.match(await ask("/watch remove"), /^Name the word/);
        assert.match(await ask("/watch removed"), /“removed” stands in it/, "a word that only begins so");
      }));

    test("a story that is revised into a watched word while it waits needs an editor, too", () =>
      desk(async ({ read, ask, shows, ring, clock, setRules }) => {
        setRules({ embargo: true });
        await ask("/watch bomb");
        const publishedAt = new Date(clock.now().getTime() + hourMs);
        await read([{ ...one, publishedAt }]);
        await read([{ ...one, title: "One bomb", publishedAt }]);
        await clock.sleep(hourMs);
        await ring();
        assert.deepEqual(shows(reader), []);
        await ask("/review send 1");
        assert.deepEqual(shows(reader), ["One bomb | S."]);
      }));

    test("what is dated ahead waits for its time, and goes out then by itself, also after a restart", () =>
      desk(async ({ read, ask, shows, ring, clock, deskOver, store, deliver, setRules }) => {
        setRules({ embargo: true });
        const publishedAt = new Date(clock.now().getTime() + 2 * hourMs);
        await read([
          { ...one, publishedAt },
          article("Seconds ahead", { publishedAt: new Date(clock.now().getTime() + 50_000) }),
        ]);
        const told = await ring();
        assert.match(
          told.join("\n"),
          /Held: “One” \(The Harbour Bell\): its time is 16:00\.\nIt goes out then by itself; “review send 2 now”/,
        );
        assert.equal(shows(reader).length, 1, "clocks differ by seconds");
        assert.match(
          await ask("/review send 2"),
          /goes out at 16:00 \(Asia\/Jerusalem\) by itself\. \/review send 2 now/,
        );
        await clock.sleep(2 * hourMs - 1_000);
        await deskOver(store).runDue(new AbortController().signal);
        await deliver();
        assert.equal(shows(reader).length, 1);
        await clock.sleep(1_000);
        await deskOver(store).runDue(new AbortController().signal);
        await deliver();
        assert.deepEqual(shows(reader).at(-1), oneShown);
      }));

    test("its publisher may set another time, an editor may, and a feed with a wrong clock need not wait", () =>
      desk(async ({ read, ask, shows, ring, clock, setRules }) => {
        const inHours = (hours: number): Date => new Date(clock.now().getTime() + hours * hourMs);
        const [early, late, wrong] = ["Early", "Late", "Wrong clock"].map((title) => article(title)) as [
          typeof one,
          typeof one,
          typeof one,
        ];
        setRules({ embargo: true });
        await read([{ ...early, publishedAt: inHours(5) }]);
        await read([{ ...late, publishedAt: inHours(1) }]);
        await ring();
        await read([
          { ...early, publishedAt: clock.now() },
          { ...late, publishedAt: inHours(9) },
        ]);
        await ring();
        assert.deepEqual(
          shows(reader).map((text) => text.split(" |")[0]),
          ["Early"],
          "the publisher's new time counts",
        );
        assert.match(
          await ask("/review hold 2 until 16:30"),
          /^“Late” waits until 16:30 \(Asia\/Jerusalem\)\. Then it goes out by itself\.$/,
        );
        await read([{ ...late, publishedAt: inHours(7) }]);
        await clock.sleep(2.5 * hourMs);
        await ring();
        assert.equal(shows(reader).length, 2, "an editor's time goes before the publisher's");
        setRules({});
        await read([{ ...wrong, publishedAt: inHours(3) }]);
        await ring();
        assert.equal(shows(reader).length, 3);
      }));

    test("approved for a time it goes out at that time; held again it waits for an editor", () =>
      desk(async ({ setRules, read, ask, shows, ring, clock }) => {
        setRules({ release: "review" });
        await read([one]);
        await ring();
        assert.match(await ask("/review send 1 at 12:00"), /12:00 has passed: it is 14:00/);
        assert.match(await ask("/review send 1 at noon"), /“noon” is no time/);
        assert.match(await ask("/review send 1 at 15:00"), /^“One” goes out at 15:00 \(Asia\/Jerusalem\) by itself/);
        assert.match(await ask("/review hold 1", dov), /^“One” waits until an editor lets it go/);
        await clock.sleep(2 * hourMs);
        await ring();
        assert.deepEqual(shows(reader), []);
        await ask("/review send 1");
        assert.deepEqual(shows(reader), [oneShown]);
      }));

    test("a correction by hand reaches who has the story, and stays until the feed itself says otherwise there", () =>
      desk(async ({ read, ask, shows, ring, store }) => {
        await read([one]);
        await ring();
        assert.match(
          await ask("/correct 1 headline: Uno / summary: Dos y tres."),
          /^Corrected: “Uno”\. 2 chats will show it: 1 on telegram, 1 on whatsapp\. \/audit 1 tells how far it is\.$/,
        );
        assert.deepEqual([shows(reader), shows(other)], [["Uno | Dos y tres."], ["Uno | Dos y tres."]]);
        const told = await ring();
        assert.deepEqual(told, [
          "Dov: Edna on telegram corrected “Uno”. headline: “One” → “Uno”; summary: “S.” → “Dos y tres.”.",
        ]);
        await read([one]);
        await read([{ ...one, text: "Its body." }]);
        await ring();
        assert.deepEqual(shows(reader), ["Uno | Dos y tres."], "the feed's next read does not undo it");
        await read([{ ...one, summary: "Something else." }]);
        await ring();
        assert.deepEqual(shows(reader), ["Uno | Something else."], "the feed changed this field, and this one alone");
        assert.deepEqual((await store.articles.get(1))?.byHand, { title: "One" });
        await read([{ ...one, title: "Uno", summary: "Something else." }]);
        await read([{ ...one, summary: "Something else." }]);
        await ring();
        assert.deepEqual(
          shows(reader),
          ["One | Something else."],
          "it had taken the editor's words, and takes them back",
        );
        assert.match(await ask("/correct 1 headline: One"), /^“One” says that already: nothing is changed\.$/);
      }));

    test("corrections are read as people write them, and refused in words", () =>
      desk(async ({ read, ask, shows, ring }) => {
        await read([article("כותרת ישנה", { sourceId: "he" })]);
        await ring();
        await ask(
          "/correct https://bell.example/%D7%9B%D7%95%D7%AA%D7%A8%D7%AA%20%D7%99%D7%A9%D7%A0%D7%94 כותרת: כותרת חדשה\nתקציר: יחס 2 / 3 נשמר",
        );
        assert.deepEqual(shows(reader), ["כותרת חדשה | יחס 2 / 3 נשמר"]);
        for (const [line, answer] of [
          ["/correct", /^\/correct 12 headline: /],
          ["/correct 1", /^Say what is right, as in \/correct 1 headline/],
          ["/correct 1 New words", /^Say what is right/],
          ["/correct 1 headline:", /^After “headline:” nothing stands/],
          ["/correct 1 headline: A / headline: B", /twice/],
          ["/correct 99 headline: A", /^There is no article 99\.$/],
          ["/correct x headline: A", /^“x” is neither an article's number nor its link\.$/],
          [`/correct 1 headline: ${"x".repeat(301)}`, /^That is too long: 300 characters at most/],
          ["/retract", /^\/retract 12 WHY/],
          ["/retract 99", /^There is no article 99\.$/],
          ["/review frob", /lists what waits/],
          ["/review send", /^Say which, by its number or its link/],
          ["/audit 99", /^There is no article 99\.$/],
        ] as const) {
          assert.match(await ask(line), answer, line);
        }
        assert.deepEqual(shows(reader), ["כותרת חדשה | יחס 2 / 3 נשמר"]);
      }));

    test("taken back by hand it is gone everywhere, and stays so although the feed still has it", () =>
      desk(async ({ read, ask, shows, ring }) => {
        await read([one]);
        await ring();
        assert.match(
          await ask("/retract 1 wrong name"),
          /^Taken back: “One”\. 2 chats will lose it, where the platform still allows that: 1 on telegram, 1 on whatsapp\./,
        );
        assert.deepEqual([shows(reader), shows(other)], [[], []]);
        assert.deepEqual(await ring(), ["Dov: Edna on telegram took “One” back: wrong name."]);
        await read([one]);
        await read([{ ...one, title: "One again" }]);
        await ring();
        assert.deepEqual(shows(reader), []);
        assert.match(await ask("/retract 1", dov), /^Edna on telegram took back “One” at 14:00\.$/);
        assert.match(await ask("/correct 1 headline: X"), /^You took back “One”/);
      }));

    test("a story taken back while it waits goes to nobody, by its feed or by an editor", () =>
      desk(async ({ setRules, read, ask, ring, shows, store, clock }) => {
        setRules({ release: "review" });
        await read([article("Two"), one]);
        await read([], { retracted: ["One"] });
        assert.match(await ask("/retract 2"), /^Taken back: “Two”\. It was held and went to nobody\./);
        assert.deepEqual(await store.desk.list(9), []);
        await clock.sleep(30 * hourMs);
        await ring();
        assert.match(await ask("/review send 1 now"), /^“One” was taken back at|^“One” was taken back yesterday/);
        assert.deepEqual(shows(reader), []);
      }));

    test("a held story may be corrected by hand, and must be approved anew", () =>
      desk(
        async ({ setRules, read, ring, ask, shows }) => {
          setRules({ release: "review" });
          await read([one]);
          await ask("/review send 1");
          await ring();
          assert.match(
            await ask("/correct 1 headline: Uno", dov),
            /^“Uno” is corrected; it is still held\. Who let it go before/,
          );
          assert.deepEqual(await ring(), [
            "Edna: Dov on whatsapp corrected “Uno”, which is held. headline: “One” → “Uno”. Who let it go before must do so again: “review send 1”.",
          ]);
          await read([one]);
          await ask("/review send 1", dov);
          assert.deepEqual(shows(reader), []);
          await ask("/review send 1");
          assert.deepEqual(shows(reader), ["Uno | S."]);
        },
        { editors: 2 },
      ));

    test("approved for a time and changed before it, a story waits for its editors no longer than others", () =>
      desk(async ({ setRules, read, ring, ask, shows, clock }) => {
        setRules({ release: "review" });
        await read([one]);
        await ask("/review send 1 at 18:30");
        await ask("/correct 1 headline: Uno", dov);
        await ring();
        await clock.sleep(5 * hourMs);
        assert.deepEqual([await ring(), shows(reader)], [[], []]);
        assert.match(await ask("/review"), /until tomorrow at 18:30/);
        await clock.sleep(24 * hourMs);
        const expired = "Nobody decided about “Uno” in time: it goes to nobody. “review send 1” sends it all the same.";
        assert.deepEqual(await ring(), [`Edna: ${expired}`, `Dov: ${expired}`]);
        assert.deepEqual(shows(reader), []);
      }));

    test("the trail says who did what, when, and which chats it reached", () =>
      desk(async ({ setRules, read, ask, ring, breakEdits, clock, subscribe }) => {
        await subscribe("cleo@c.us", "private", "whatsapp");
        setRules({ release: "review" });
        await read([one]);
        await ring();
        await clock.sleep(10 * minuteMs);
        await ask("/review send 1");
        await clock.sleep(10 * minuteMs);
        await read([{ ...one, summary: "S, changed." }]);
        await ring();
        breakEdits("whatsapp");
        await ask("/correct 1 headline: Uno", dov);
        await ask("/retract 1 wrong name");
        assert.equal(
          await ask("/audit 1"),
          [
            "Article 1, “Uno”",
            "14:00 held: its feed is under review",
            "14:10 let go by you",
            "14:10 queued by you",
            "– telegram: 1 got it, and it was taken back",
            "– whatsapp: 2 got it",
            "14:20 changed by its feed: summary: “S.” → “S, changed.”",
            "– telegram: 1 corrected",
            "– whatsapp: 2 corrected",
            "14:20 corrected by Dov on whatsapp: headline: “One” → “Uno”",
            "– telegram: 1 corrected",
            "– whatsapp: 2 failed; 2 chats: The message is too old to be changed.",
            "14:20 taken back by you: wrong name",
            "– telegram: 1 lost it",
            "– whatsapp: 2 failed; 2 chats: The message is too old to be changed.",
          ].join("\n"),
        );
      }));

    test("an ordinary story has its trail, too; what is on the desk is not spoken of before readers", () =>
      desk(async ({ read, ask, subscribe, ring }) => {
        await read([one]);
        await ring();
        assert.equal(
          await ask("/audit 1"),
          "Article 1, “One”\n14:00 queued\n– telegram: 1 got it\n– whatsapp: 1 got it",
        );
        await subscribe("-100", "group", "telegram");
        const group = { platform: "telegram", address: "-100", kind: "group" } as const;
        for (const name of ["review", "watch", "correct", "retract", "audit"]) {
          assert.match(await ask(`/${name}`, edna, undefined, group), /^Readers see what is written here\. Write \//);
        }
      }));

    test("of two editors at one moment one decides, and the other is told who did", () =>
      desk(async ({ setRules, read, inbox, deliver, shows }) => {
        setRules({ release: "review" });
        for (let round = 1; round <= 6; round += 1) {
          await read([article(`Story ${round}`)]);
          const asks = [edna, dov].map((who, index) =>
            inbox({
              kind: "command",
              id: `race ${round} ${index}`,
              chat: who,
              title: index === 0 ? "Edna" : "Dov",
              from: { id: who.address, isAdmin: true, governsChat: true },
              name: "review",
              spans: [{ text: `${index === round % 2 ? "send" : "drop"} ${round}` }],
            }),
          );
          await Promise.all(asks);
          const told = (await deliver()).filter((text) => text.includes(`Story ${round}`));
          const decided = told.filter((text) => /goes out to|is dropped: it goes to nobody/.test(text));
          const late = told.filter((text) => /(?:Edna on telegram|Dov on whatsapp) (?:let go|dropped)/.test(text));
          assert.deepEqual([decided.length, late.length], [1, 1], told.join("\n"));
          const isSent = shows(reader).some((text) => text.startsWith(`Story ${round} `));
          assert.equal(isSent, /goes out to/.test(decided[0] ?? ""));
        }
      }));

    test("a revision and an editor's decision at one moment: readers end with the newest words, once", () =>
      desk(async ({ setRules, read, ask, shows, ring }) => {
        setRules({ release: "review" });
        for (let round = 1; round <= 6; round += 1) {
          const story = article(`Story ${round}`);
          await read([story]);
          await Promise.all([ask(`/review send ${round}`), read([{ ...story, summary: "Newest." }])]);
          await ring();
          if (!shows(reader).some((text) => text.startsWith(`Story ${round} `))) await ask(`/review send ${round}`);
          await ring();
          const copies = shows(reader).filter((text) => text.startsWith(`Story ${round} `));
          assert.deepEqual(copies, [`Story ${round} | Newest.`]);
        }
      }));

    test("a process may die at each step of the desk: nothing is lost, told twice or sent twice", () =>
      desk(async (stage) => {
        const { setRules, read, ring, deliver, shows, store, clock, deskOver } = stage;
        for (const isDone of [false, true]) {
          let hasDied = true;
          for (let diesAt = 0; hasDied; diesAt += 1) {
            const name = `${isDone ? "After" : "Before"} ${diesAt}`;
            const dated = { publishedAt: new Date(clock.now().getTime() + hourMs) };
            const [embargoed, lost] = [article(`${name} dated`, dated), article(`${name} lost`)];
            setRules({ embargo: true });
            await read([embargoed]);
            setRules({ embargo: true, release: "review" });
            await read([embargoed, lost]);
            const told: string[] = [];
            for (const waitMs of [0, hourMs, 24 * hourMs]) {
              await clock.sleep(waitMs);
              const mortal = createMortalStore(store, { diesAt, isDone });
              await deskOver(mortal).runDue(new AbortController().signal);
              hasDied = mortal.isDead();
              told.push(...(await deliver()), ...(await ring()));
            }
            const mine = told.filter((text) => text.startsWith("Edna") && text.includes(`${name} `));
            assert.equal(
              mine.filter((text) => text.includes("Nobody decided")).length,
              1,
              `${name}: ${mine.join("\n")}`,
            );
            assert.equal(mine.filter((text) => / held:|Held: /.test(text)).length, 1, `${name}: ${mine.join("\n")}`);
            const copies = shows(reader).filter((text) => text.startsWith(`${name} `));
            assert.deepEqual(
              copies.map((text) => text.split(" |")[0]),
              [`${name} dated`],
            );
            assert.ok(diesAt < 20);
          }
        }
      }));
  });
}
