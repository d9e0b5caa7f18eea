/** The socket to the servers. It comes back by itself, and asks anew what was asked while it was away. */
export class Wire {
  #socket = null;
  #asked = new Map();
  #count = 0;
  #isClosed = false;
  #onEvent = () => {};
  #onOpen = () => {};
  #onLost = () => {};

  /** `onOpen` is called after each connection, and must speak first; `onLost` after each one that ends. */
  start({ onEvent, onOpen, onLost }) {
    this.#onEvent = onEvent;
    this.#onOpen = onOpen;
    this.#onLost = onLost;
    this.#connect();
  }

  /** Says something that needs no answer; lost when the wire is down. */
  tell(kind, fields = {}) {
    this.#send({ ask: null, say: { kind, ...fields } });
  }

  /** Resolves to the answer, however long that takes; rejects with the servers' error. */
  ask(kind, fields = {}) {
    this.#count += 1;
    const ask = this.#count;
    const asked = { ...Promise.withResolvers(), message: { ask, say: { kind, ...fields } } };
    this.#asked.set(ask, asked);
    this.#send(asked.message);
    return asked.promise;
  }

  #connect() {
    if (this.#isClosed) return;
    const socket = new WebSocket(`wss://${location.host}/ws/chat`);
    this.#socket = socket;
    socket.onopen = async () => {
      await this.#onOpen();
      for (const { message } of this.#asked.values()) this.#send(message);
    };
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = () => {
      if (this.#isClosed) return;
      this.#onLost();
      setTimeout(() => this.#connect(), 250);
    };
  }

  #hear(message) {
    if (!("answer" in message)) return this.#onEvent(message);
    const asked = this.#asked.get(message.answer);
    this.#asked.delete(message.answer);
    if (!message.error) asked?.resolve(message.value);
    else asked?.reject(Object.assign(new Error(message.error.message), { name: message.error.name }));
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** For good: the page is about to leave. */
  close() {
    this.#isClosed = true;
    this.#socket?.close();
  }
}
