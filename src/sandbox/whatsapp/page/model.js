/** Events as WhatsApp's modules have them: `on("a b", handler)` listens to both. */
export class Emitter {
  #handlers = new Map();
  #awaited = new Map();

  on(names, handler) {
    for (const name of names.split(" ")) {
      this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), handler]);
      this.#awaited.get(name)?.resolve();
    }
    return this;
  }

  once(names, handler) {
    const once = (...args) => {
      this.off(names, once);
      handler(...args);
    };
    return this.on(names, once);
  }

  off(names, handler) {
    for (const name of names.split(" ")) {
      this.#handlers.set(
        name,
        (this.#handlers.get(name) ?? []).filter((one) => one !== handler),
      );
    }
    return this;
  }

  trigger(name, ...args) {
    for (const handler of this.#handlers.get(name) ?? []) handler(...args);
  }

  /** Resolves once somebody listens to the event. */
  async listened(name) {
    if (this.#handlers.get(name)?.length) return;
    if (!this.#awaited.has(name)) this.#awaited.set(name, Promise.withResolvers());
    await this.#awaited.get(name).promise;
  }
}

/** Own fields are its data; a changed field fires `change:field` with (model, new, old), here and on its collections. */
export class Model extends Emitter {
  #collections = new Set();

  constructor(fields) {
    super();
    Object.assign(this, fields);
  }

  set(changes) {
    const changed = Object.entries(changes).filter(([name, value]) => this[name] !== value);
    for (const [name, value] of changed) {
      const before = this[name];
      this[name] = value;
      this.trigger(`change:${name}`, this, value, before);
    }
    if (changed.length > 0) this.trigger("change", this);
  }

  trigger(name, ...args) {
    super.trigger(name, ...args);
    for (const collection of this.#collections) collection.trigger(name, ...args);
  }

  /** A collection that hears of this model's changes from now on. */
  enter(collection) {
    this.#collections.add(collection);
  }

  serialize() {
    return Object.fromEntries(
      Object.entries(this)
        .filter(([, value]) => value !== undefined && typeof value !== "function")
        .map(([name, value]) => [name, typeof value?.serialize === "function" ? value.serialize() : value]),
    );
  }

  toJSON() {
    return this.serialize();
  }
}

/** Models by their serialised id. */
export class Collection extends Emitter {
  #models = new Map();
  #fetch;

  /** `fetch(id)` finds what is not here yet: a model or null. */
  constructor(fetch = async () => null) {
    super();
    this.#fetch = fetch;
  }

  get length() {
    return this.#models.size;
  }

  get(id) {
    return this.#models.get(keyOf(id));
  }

  add(model) {
    const known = this.get(model.id);
    if (known) return known;
    this.#models.set(keyOf(model.id), model);
    model.enter(this);
    this.trigger("add", model);
    return model;
  }

  remove(model) {
    if (this.#models.delete(keyOf(model.id))) this.trigger("remove", model);
  }

  async find(id) {
    return this.get(id) ?? (await this.#fetch(id));
  }

  getModelsArray() {
    return [...this.#models.values()];
  }

  serialize() {
    return this.getModelsArray().map((model) => model.serialize());
  }

  toJSON() {
    return this.serialize();
  }
}

const keyOf = (id) => id?._serialized ?? id;
