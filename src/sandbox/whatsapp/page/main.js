import { start } from "./account.js";
import { chatModules } from "./modules/chats.js";
import { groupModules } from "./modules/groups.js";
import { mediaModules } from "./modules/media.js";
import { messageModules } from "./modules/messages.js";
import { startModules } from "./modules/start.js";
import { wire } from "./store.js";

const modules = new Map(
  Object.entries({ ...startModules, ...chatModules, ...messageModules, ...mediaModules, ...groupModules }),
);

/** The same object each time: whatsapp-web.js replaces functions on it. What is not there is told to the simulator. */
window.require = (name) => {
  if (modules.has(name)) return modules.get(name);
  wire.ask("missing", { name: String(name) });
  throw new Error(`Requiring unknown module "${name}"`);
};

start();

// Not the library's default version, and last: with it the library begins.
window.Debug = { VERSION: "2.3000.1099000001" };
