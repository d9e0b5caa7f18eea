/** What each threshold of "the same story" finds and what it merges wrongly, on the stories it was chosen by and on those held back. */
import { likeness, likenessTo, sameStoryThreshold, terms } from "#core/similar";
import { type Pair, readPairs } from "#tests/core/similar-pairs";
import { show } from "./figures.ts";

const pairs = readPairs().map((pair) => ({ ...pair, likeness: likeness(pair.one, pair.other) }));
const thresholds = [0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];
const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

for (const part of ["choose", "hold"] as const) {
  const here = pairs.filter((pair) => pair.part === part);
  const same = here.filter((pair) => pair.same);
  const heading = part === "choose" ? "chosen by" : "held back";
  show(`${heading}: ${same.length} pairs of one story, ${here.length - same.length} of two`, "", "");
  for (const threshold of thresholds) {
    const merged = here.filter((pair) => pair.likeness >= threshold);
    const right = merged.filter((pair) => pair.same).length;
    const chosen = threshold === sameStoryThreshold;
    show(
      `  from ${threshold.toFixed(2)}${chosen ? " (in use)" : ""}`,
      `${percent(right, same.length)} found, ${percent(right, merged.length)} right`,
      `${merged.length - right} merged wrongly${chosen ? " (0)" : ""}`,
    );
  }
  for (const language of ["en", "he", "ar", "ru"]) {
    const ours = same.filter((pair) => pair.language === language);
    const found = ours.filter((pair) => pair.likeness >= sameStoryThreshold).length;
    show(`  found in ${language}`, percent(found, ours.length), "");
  }
}

const found = pairs.filter((pair) => pair.likeness >= sameStoryThreshold);
const meeting = found.filter(({ one, other }) => terms(one).some((term) => terms(other).includes(term)));
show("near-equal pairs that share a term", percent(meeting.length, found.length), "100 %");

show(
  "pairs compared",
  perSecond(({ one, other }) => likeness(one, other)),
  "",
);
const [first] = pairs;
if (first) {
  const likenessToFirst = likenessTo(first.one);
  show(
    "articles compared with one",
    perSecond(({ other }) => likenessToFirst(other)),
    "",
  );
}
show(
  "articles given their terms",
  perSecond(({ one }) => terms(one)),
  "",
);

function perSecond(work: (pair: Pair) => void): string {
  const begun = performance.now();
  let done = 0;
  for (let round = 0; round < 8; round++) {
    for (const pair of pairs) work(pair);
    done += pairs.length;
  }
  return `${Math.round((done / (performance.now() - begun)) * 1000).toLocaleString("en")}/s`;
}
