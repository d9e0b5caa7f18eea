import { clean, finishLine, isVisible, neutralise, wrap } from "./dress.ts";

/** Lines of a message that is read from one side: as they stand, or in one pair of marks. What cannot be seen is "". */
export const linesOf = (isRtl: boolean) => ({
  bare: (text: string): string => (isVisible(text) ? finishLine(neutralise(clean(text)), isRtl) : ""),
  dressed: (mark: string, text: string): string =>
    isVisible(text) ? finishLine(wrap(mark, neutralise(clean(text), mark)), isRtl) : "",
});
