// A watch that lasts: it is open while the page is seen, is opened again after
// a break, and is closed while the tab is hidden, so that a forgotten tab costs
// nothing. A browser allows a page six connections; two of them are watches at
// most.

import {stream} from './connect.js';

const FIRST_WAIT = 400;  // Milliseconds; doubled with each failure.
const LONGEST_WAIT = 8000;

export class Live {
  #method;
  #request;
  #receiver;
  #abort = null;
  #failures = 0;
  #wake = () => {};
  #run = 0;  // Which start() is in force; 0 while stopped.
  #runs = 0;

  // `request` makes the request of each attempt. The receiver has onMessage(),
  // for each message; onCurrent(), for the mark behind a snapshot; onOpen(),
  // before the first message of an attempt; and onBreak(refusal), after one
  // that ended otherwise than by us.
  constructor(method, request, receiver) {
    this.#method = method;
    this.#request = request;
    this.#receiver = receiver;
    this.seen = () => {
      if (document.hidden) {
        this.#abort?.abort();
      } else {
        this.retry();
      }
    };
  }

  start() {
    this.stop();
    this.#runs += 1;
    this.#run = this.#runs;
    this.#failures = 0;
    document.addEventListener('visibilitychange', this.seen);
    this.#goOn(this.#run);
  }

  stop() {
    this.#run = 0;
    document.removeEventListener('visibilitychange', this.seen);
    this.#abort?.abort();
    this.#wake();
  }

  // Does not wait any longer before the next attempt.
  retry() {
    this.#failures = 0;
    this.#wake();
  }

  // A run that was stopped ends, also if another has been started meanwhile.
  async #goOn(run) {
    while (this.#run === run) {
      if (!document.hidden) await this.#attempt();
      if (this.#run === run) await this.#pause();
    }
  }

  async #attempt() {
    this.#abort = new AbortController();
    const {signal} = this.#abort;
    let isOpen = false;
    try {
      for await (const message of stream(this.#method, this.#request(), {signal})) {
        if (!isOpen) this.#receiver.onOpen?.();
        isOpen = true;
        this.#failures = 0;
        if (message.current) {
          this.#receiver.onCurrent?.();
        } else {
          this.#receiver.onMessage(message);
        }
      }
      this.#receiver.onBreak?.(null);
    } catch (error) {
      if (!signal.aborted) this.#receiver.onBreak?.(error);
    }
    this.#failures += 1;
  }

  // Until it is time for another attempt; while the tab is hidden, until it is
  // seen again. With jitter, so that pages do not come back all at once.
  #pause() {
    return new Promise((resolve) => {
      const wait = Math.min(FIRST_WAIT * 2 ** (this.#failures - 1), LONGEST_WAIT);
      const timer = document.hidden
          ? null : setTimeout(resolve, wait * (0.5 + Math.random() / 2));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

// What a watch tells of, by key: complete at each mark, and what the snapshot
// after a break does not have any more is gone. Sends "change" with the keys.
export class Collection extends EventTarget {
  #items = new Map();
  #fresh = null;  // Keys of a snapshot under way.
  isComplete = false;

  get size() { return this.#items.size; }
  get(key) { return this.#items.get(key); }
  values() { return this.#items.values(); }

  beginSnapshot() {
    this.#fresh = new Set();
  }

  endSnapshot() {
    for (const key of this.#items.keys()) {
      if (this.#fresh && !this.#fresh.has(key)) this.#items.delete(key);
    }
    this.#fresh = null;
    this.isComplete = true;
    this.#changed();
  }

  set(key, item) {
    this.#fresh?.add(key);
    this.#items.set(key, item);
    if (!this.#fresh) this.#changed();
  }

  delete(key) {
    this.#fresh?.delete(key);
    this.#items.delete(key);
    if (!this.#fresh) this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
