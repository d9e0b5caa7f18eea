import type { Draft } from "./article.ts";

/** A newspaper, a town and people that do not exist. */
export const paperName = "The Harbour Bell";

const draft = (
  slug: string,
  kicker: string,
  title: string,
  summary: string,
  rest: Pick<Draft, "topics" | "author" | "body"> & Partial<Draft>,
): Draft => ({ slug, kicker, title, summary, language: "en", scene: null, breaking: false, ...rest });

/** In the feed from the start: what a reader who joins now has missed. */
export const yesterday: readonly Draft[] = [
  draft(
    "tide-tables",
    "On the quay",
    "Spring tides will close the lower quay on Thursday and Friday",
    "Water is expected over the stones from four in the afternoon. The harbour office asks owners to move their cars by three.",
    {
      topics: ["Harbour"],
      author: "Ada Quill",
      scene: "harbour",
      body: [
        "The harbour office has marked the line of the last high spring tide in chalk, so that nobody can say that nobody told them.",
        "Boats on the inner pontoon may stay. The fish auction moves up to the net loft for both days.",
      ],
    },
  ),
  draft(
    "night-bus",
    "Getting about",
    "The night bus is back, and it stops at the hospital",
    "After two winters without one, line N3 runs again every forty minutes between the station and Upper Alder.",
    {
      topics: ["Transport"],
      author: "Tomas Reve",
      body: [
        "Nurses on the late shift had collected four hundred signatures. The town found the money in the budget for parking meters.",
      ],
    },
  ),
];

/** The dozen of today, in the order in which they are finished. */
export const today: readonly Draft[] = [
  draft(
    "ferry-fare",
    "Across the bay",
    "Ferry to Gull Island will cost 12 crowns from Monday",
    "It is the first rise in six years. Islanders keep their free pass, and children under ten still travel without a ticket.",
    {
      topics: ["Transport", "Harbour"],
      author: "Tomas Reve",
      scene: "ferry",
      body: [
        "The company says that diesel and the new gangway leave it no choice. The island council calls the rise bearable, and asks for a later last boat in return.",
        "Books of ten crossings bought before Monday stay good until the end of the year.",
      ],
    },
  ),
  draft(
    "bread-prize",
    "Around the table",
    "A loaf from Rope Street is the best in the county",
    "Mirele Stein bakes two hundred of them a night, alone, with a sourdough that came to Port Alder in a hatbox.",
    {
      topics: ["Food"],
      author: "Ada Quill",
      scene: "bread",
      body: [
        "The judges praised a crust “that can be heard in the next room”. The baker, asked what she would do with the prize money, said: sleep.",
        "There is a queue. It moves.",
      ],
    },
  ),
  draft(
    "library-hebrew",
    "תרבות",
    "ספריית הנמל פותחת מדף עברי ראשון, עם 300 ספרים",
    "התושבים תרמו, הספרנית מיינה, והסדרן בנה את המדפים מעץ של סירה ישנה. ההשאלה חינם, גם למי שגר מחוץ לעיר.",
    {
      topics: ["תרבות", "ספרים"],
      author: "נועה ברק",
      language: "he",
      scene: "books",
      body: [
        "״חיכינו לזה עשרים שנה״, אמרה אחת הקוראות הראשונות, שיצאה עם שלושה ספרים ועם הבטחה להחזיר אותם בזמן.",
        "שעת סיפור לילדים תתקיים בכל יום שלישי ב־16:30.",
      ],
    },
  ),
  draft(
    "bridge-works",
    "Works",
    "Five Arches bridge closes at night for three weeks, and opens with lamps",
    "Masons will reset 1,400 stones between ten in the evening and five in the morning. By day, traffic runs as usual.",
    {
      topics: ["Transport", "Town hall"],
      author: "Ines Falk",
      scene: "bridge",
      body: [
        "The bridge has carried trams, a circus and, once, a whale on a cart. It has never been lit: the lamps are a gift of the rowing club, which was tired of missing the middle arch.",
        "Ambulances are let through at any hour.",
      ],
    },
  ),
  draft(
    "school-meals",
    "Schools",
    "Every pupil gets a warm lunch from September",
    "The council voted 14 to 3. The kitchens of the two old canneries, empty since spring, will cook for all six schools.",
    {
      topics: ["Schools", "Town hall"],
      author: "Ines Falk",
      body: [
        "Parents who wish to may pay; nobody is asked to. The first week’s menu was chosen by the pupils and contains pancakes twice.",
      ],
    },
  ),
  draft(
    "whale-bay",
    "Nature",
    "A humpback has been feeding in the bay for three days",
    "Biologists ask boats to keep 200 metres away and engines slow. The best view, they say, is from the bench above the chapel.",
    {
      topics: ["Nature", "Harbour"],
      author: "Jun Ito",
      scene: "whale",
      body: [
        "It follows the herring, which follow the cold water, which nobody can quite explain. The bench above the chapel holds four.",
      ],
    },
  ),
  draft(
    "market-arabic",
    "من السوق",
    "سوق السمك يفتح أبوابه مساء كل خميس حتى العاشرة",
    "الباعة يجرّبون ساعات جديدة طوال الصيف، والموسيقى على الرصيف مجانية. الحافلة رقم 7 تعمل حتى منتصف الليل.",
    {
      topics: ["السوق"],
      author: "ليلى حداد",
      language: "ar",
      body: ["قال أحد الباعة: «من يعمل في النهار يريد أن يشتري في المساء، والسمك لا يمانع»."],
    },
  ),
  draft(
    "regatta",
    "Sport",
    "Port Alder’s women win the Sound regatta by half a length",
    "They were fourth at the last buoy. A change of stroke in the final minute did it, says the cox, and the wind did the rest.",
    {
      topics: ["Sport"],
      author: "Jun Ito",
      scene: "rowing",
      body: [
        "It is the first win since 1998, when two of today’s crew were not born. The cup will stand in the window of the bakery, by popular demand.",
      ],
    },
  ),
  draft(
    "lighthouse-keeper",
    "People",
    "The last keeper climbs down: 212 steps, for the last time",
    "Edda Marrow kept the light on Cape Sorrow for 31 years. It turns by itself now. She is writing down what it does not know.",
    {
      topics: ["People", "Harbour"],
      author: "Ada Quill",
      scene: "lighthouse",
      body: [
        "“The machine is good,” she says. “It has never been afraid, that is all.”",
        "Her notes on fog fill eleven ledgers, which the library will keep.",
      ],
    },
  ),
  draft(
    "rent-hebrew",
    "מועצת העיר",
    "המועצה אישרה: תקרה לעליית שכר הדירה ברובע הנמל",
    "שכר הדירה לא יעלה ביותר מ־3% בשנה. ההחלטה תקפה לשנתיים, ולדברי ראש העיר ״תיבדק, לא תישכח״.",
    {
      topics: ["עירייה", "דיור"],
      author: "נועה ברק",
      language: "he",
      body: ["בעלי הדירות הודיעו שיערערו. איגוד הדיירים בירך, וביקש להרחיב את ההחלטה לכל העיר."],
    },
  ),
  draft(
    "orchard-frost",
    "The land",
    "Frost spared the orchards: the first cherries are expected in June",
    "Growers lit 600 candles between the trees for three nights. From the hill, one said, it looked like a town.",
    {
      topics: ["Nature", "Food"],
      author: "Jun Ito",
      scene: "orchard",
      body: ["The co-operative expects two thirds of a good year, which after last spring is a very good year."],
    },
  ),
  draft(
    "bell-returns",
    "This paper",
    "The harbour bell rings again at noon",
    "It had been silent since the storm. A clockmaker, a crane and a great many biscuits have put it back where it belongs.",
    {
      topics: ["People", "Town hall"],
      author: "Ines Falk",
      scene: "bell",
      body: [
        "This newspaper takes its name from it and is, for once, not neutral.",
        "It is rung by hand. Those who want a turn may put down their name in the harbour office.",
      ],
    },
  ),
];

/** Told when an editor breaks a story. */
export const breakingStories: readonly Draft[] = [
  draft(
    "storm-warning",
    "Weather",
    "Storm warning for the whole coast: the harbour closes at 18:00",
    "Gusts of up to 120 km/h are expected after dark. Ferries stop at five, and the lower town is asked to stay indoors.",
    {
      topics: ["Weather", "Harbour"],
      author: "The desk",
      scene: "storm",
      breaking: true,
      body: ["The sports hall is open for those who do not want to be alone. The next bulletin follows at seven."],
    },
  ),
  draft(
    "power-cut",
    "Town",
    "Power is out in the lower town; the hospital runs on its own",
    "A cable was cut during the bridge works. The grid company expects light again within two hours.",
    {
      topics: ["Town hall"],
      author: "The desk",
      breaking: true,
      body: ["Trams stand still between Rope Street and the station. Nobody was hurt."],
    },
  ),
  draft(
    "crew-rescued",
    "Harbour",
    "All seven of the trawler Marigold are safe",
    "The lifeboat brought the crew in at the second attempt. The skipper thanked “whoever left that lamp on”.",
    {
      topics: ["Harbour", "People"],
      author: "The desk",
      scene: "lighthouse",
      breaking: true,
      body: ["The Marigold herself is aground off Cape Sorrow and will be towed at high water."],
    },
  ),
];

/** The mistake of the day, found a little later. */
export const correction = {
  slug: "ferry-fare",
  title: "Ferry to Gull Island will cost 21 crowns from Monday",
  summary:
    "It is the first rise in six years. An earlier version gave the fare as 12 crowns. Islanders keep their free pass, and children under ten still travel without a ticket.",
};
