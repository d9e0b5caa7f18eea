export { startTelegramSimulator, type TelegramSimulator, type TelegramSimulatorOptions } from "./simulator.ts";
