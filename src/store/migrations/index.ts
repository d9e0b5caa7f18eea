import { first } from "#store/migrations/001-first";
import { content } from "#store/migrations/002-content";
import { preferences } from "#store/migrations/003-preferences";
import { broadcasts } from "#store/migrations/004-broadcasts";
import { upkeep } from "#store/migrations/005-upkeep";
import { unknown } from "#store/migrations/006-unknown";
import { watching } from "#store/migrations/007-watching";
import { hours } from "#store/migrations/008-hours";
import { desk } from "#store/migrations/009-desk";
import { leases } from "#store/migrations/010-leases";
import { speed } from "#store/migrations/011-speed";
import { archive } from "#store/migrations/012-archive";
import type { Migration } from "#store/migrations/migration";

/** All steps of the schema, in their order: new ones are added at the end. */
export const migrations: readonly Migration[] = [
  first,
  content,
  preferences,
  broadcasts,
  upkeep,
  unknown,
  watching,
  hours,
  desk,
  leases,
  speed,
  archive,
];
