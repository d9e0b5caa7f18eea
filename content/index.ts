import type { ContentAdapter } from "#core/ports";
import { createFeedAdapter } from "./feed/adapter.ts";
import type { HttpGet } from "./shared/http.ts";

/** Every way in which Crier reads news: one line each. */
export const createAdapters = ({ http }: { http: HttpGet }): ContentAdapter[] => [createFeedAdapter(http)];
