// The manual's first figure: the list of interlinks with their circles. It
// follows the daemon; nobody has to reload it.

import {button, fill, h, say} from './elements.js';
import {openGenerateKey, openLinkAccount} from './key_dialogs.js';
import {LinkRow} from './link_row.js';
import {coloursInWords, count} from './words.js';

const TICK = 5000;  // Milliseconds; the rows tell how long ago something was.

export class InterlinksPage {
  name = 'interlinks';
  title = 'Interlinks';
  #daemon;
  #rows = new Map();  // Id -> LinkRow.
  #summary = h('p', {class: 'summary'});
  #heading = h('h1', {tabindex: '-1'}, 'Interlinks');
  #list = h('ul', {class: 'links card', 'aria-label': 'Interlinks'});
  #empty;
  #loading = h('p', {class: 'loading'}, 'Loading…');
  #timer = null;

  constructor(daemon) {
    this.#daemon = daemon;
    this.#empty = this.#makeEmpty();
    this.element = h('section', {},
        h('div', {class: 'page-head'},
          h('div', {}, this.#heading, this.#summary),
          h('div', {class: 'page-actions if-may-change'}, ...this.#verbs())),
        this.#loading, this.#empty, this.#list);
    this.#list.hidden = this.#empty.hidden = true;
    daemon.rows.addEventListener('change', () => this.#update());
    daemon.addEventListener('connection', () => this.#tick());
  }

  open() {
    this.#timer = setInterval(() => this.#tick(), TICK);
    this.#update();
  }

  close() {
    clearInterval(this.#timer);
  }

  #tick() {
    for (const row of this.#rows.values()) row.tick();
  }

  #verbs() {
    return [
      button('primary', 'Generate new key', () => openGenerateKey(this.#daemon), 'key'),
      button('plain', 'Link to another account', () => openLinkAccount(this.#daemon), 'link'),
    ];
  }

  #makeEmpty() {
    return h('div', {class: 'empty card'},
        h('div', {class: 'empty-picture', 'aria-hidden': 'true'},
          h('span', {class: 'circle large green'}), h('span', {class: 'wire'}),
          h('span', {class: 'circle large green'})),
        h('h2', {}, 'No interlinks yet'),
        h('p', {}, 'Once two accounts are linked, each can dial the other’s internal ' +
          'numbers, except those marked private. One of the two generates a key, and the ' +
          'other enters it; yours can be either:'),
        h('ol', {},
          h('li', {}, h('strong', {}, 'One account generates a key'),
            ' with “Generate new key”, and its administrator sends the key to that of the ' +
            'other account.'),
          h('li', {}, h('strong', {}, 'The other account enters it'),
            ' with “Link to another account”. The circles turn green on both. A key links ' +
            'one account, once.')),
        h('div', {class: 'empty-actions if-may-change'}, ...this.#verbs()),
        h('p', {class: 'hint if-may-not-change'},
          'Your certificate lets you look, and not change. An administrator of this ' +
          'account can make the first interlink.'));
  }

  #update() {
    const {rows} = this.#daemon;
    if (!rows.isComplete) return;
    const ordered = [...rows.values()].sort(
        (a, b) => new Date(a.create_time) - new Date(b.create_time) || (a.id < b.id ? -1 : 1));
    for (const [id, row] of this.#rows) {
      if (!rows.get(id)) this.#remove(id, row);
    }
    ordered.forEach((row, place) => {
      let shown = this.#rows.get(row.id);
      if (!shown) {
        shown = new LinkRow(this.#daemon, row);
        this.#rows.set(row.id, shown);
      }
      shown.update(row);
      if (this.#list.children[place] !== shown.element) {
        this.#list.insertBefore(shown.element, this.#list.children[place] ?? null);
      }
    });
    this.#loading.hidden = true;
    this.#list.hidden = ordered.length === 0;
    this.#empty.hidden = ordered.length > 0;
    this.element.classList.toggle('is-empty', ordered.length === 0);
    say(this.#summary, ordered.length === 0 ? ''
        : count(ordered.length, 'interlink') + coloursInWords(ordered));
  }

  // The focus of a row that goes moves to its neighbour, not to nowhere.
  #remove(id, row) {
    if (row.element.contains(document.activeElement)) {
      const neighbour = row.element.nextElementSibling ?? row.element.previousElementSibling;
      (neighbour?.querySelector('button') ?? this.#heading).focus();
    }
    row.element.remove();
    this.#rows.delete(id);
  }
}
