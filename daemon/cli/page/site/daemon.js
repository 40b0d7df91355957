// What every page shows of the account's daemon: its account, its interlinks,
// whether whoever looks may change anything, and whether the daemon answers.
//
// Sends "account" when something of the account has changed, "connection" when
// the daemon ceases to answer or answers again, "role", and "turn" with {before, row}
// for each change of a row. `rows` sends "change".

import {call} from './connect.js';
import {Collection, Live} from './live.js';

const BEAT = 10000;  // Milliseconds between two questions whether it is there.
const BEAT_WHILE_BROKEN = 2000;
const BEAT_TIMEOUT = 5000;

export class Daemon extends EventTarget {
  account = null;
  mayChange = false;
  refusal = null;  // Why the daemon does not answer; null while it does.
  answered = null;  // When it did last.
  rows = new Collection();
  #watch = new Live('InterlinkService/WatchInterlinks', () => ({}), {
    onOpen: () => {
      this.rows.beginSnapshot();
      this.#learnRole();
      this.#beat();
    },
    onCurrent: () => this.rows.endSnapshot(),
    onMessage: ({interlink}) => this.#take(interlink),
    onBreak: (refusal) => this.#lost(refusal),
  });
  #timer = null;

  start() {
    this.#watch.start();
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#beat();
    });
  }

  stop() {
    this.#watch.stop();
    clearTimeout(this.#timer);
  }

  retry() {
    this.#watch.retry();
    this.#beat();
  }

  // Asks for the account anew, such as after a change of its numbers.
  refresh() {
    return this.#beat();
  }

  #take(row) {
    const before = this.rows.get(row.id);
    if (row.state === 'INTERLINK_STATE_REMOVED') {
      this.rows.delete(row.id);
    } else {
      this.rows.set(row.id, row);
    }
    if (this.rows.isComplete) {
      this.dispatchEvent(new CustomEvent('turn', {detail: {before, row}}));
    }
  }

  async #beat() {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    try {
      this.account = await call('DaemonService/GetAccount', {}, {timeout: BEAT_TIMEOUT});
      this.#found();
      this.dispatchEvent(new Event('account'));
    } catch (error) {
      this.#lost(error);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beat(), this.refusal ? BEAT_WHILE_BROKEN : BEAT);
  }

  #found() {
    this.answered = new Date();
    if (!this.refusal) return;
    this.refusal = null;
    this.#watch.retry();
    this.dispatchEvent(new Event('connection'));
  }

  #lost(refusal) {
    const isNews = !this.refusal;
    this.refusal = refusal ?? new Error('The watch has ended.');
    if (isNews) {
      this.dispatchEvent(new Event('connection'));
      this.#beat();
    }
  }

  // The certificate may be an administrator's or a viewer's; events are for
  // administrators alone, so they tell.
  async #learnRole() {
    let mayChange = false;
    try {
      await call('DaemonService/ListEvents', {page_size: 1});
      mayChange = true;
    } catch (error) {
      if (error.isBreak) return;
    }
    if (this.role === undefined || mayChange !== this.mayChange) {
      this.mayChange = mayChange;
      this.role = mayChange ? 'administrator' : 'viewer';
      this.dispatchEvent(new Event('role'));
    }
  }
}
