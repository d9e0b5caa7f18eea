/** Where a message goes, in the Bot API's words. */
export interface Target {
  chat_id: number | string;
  message_thread_id?: number;
}

/** A chat's address: its id or @name, and for a topic of a forum ":" and the thread's id behind it. Only this bot reads it. */
export function addressOf(chatId: number, thread?: number): string {
  return thread === undefined ? String(chatId) : `${chatId}:${thread}`;
}

export function targetOf(address: string): Target {
  const [id = "", thread] = address.split(":");
  const chat_id = /^-?\d+$/.test(id) && Number.isSafeInteger(Number(id)) ? Number(id) : id;
  return thread === undefined ? { chat_id } : { chat_id, message_thread_id: Number(thread) };
}
