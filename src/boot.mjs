// Loaded before Crier itself: keeps compiled code over starts, so that a warm start is quicker and lighter.
// Without it Node would load its TypeScript stripper, some 15 MB, at each start.
import { enableCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";

// The only WebAssembly here is undici's HTTP parser: to compile it a second time, optimised, would cost 10 to 15 MB.
setFlagsFromString("--liftoff-only");
enableCompileCache();
