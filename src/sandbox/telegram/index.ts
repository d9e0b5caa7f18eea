export type { FaultRule } from "./faults.ts";
export { startTelegramSimulator, type TelegramSimulator, type TelegramSimulatorOptions } from "./simulator.ts";
