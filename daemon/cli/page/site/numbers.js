// The internal numbers of this account.
//
// Up to MOST_WATCHED of them are followed as they change and searched here; of
// more, the daemon is asked for those that the search names.

import {call} from './connect.js';
import {confirm, refusalNote, switchedOn, switchInput} from './dialog.js';
import {button, fill, h, icon, iconButton, say} from './elements.js';
import {openImport} from './import_dialog.js';
import {Collection, Live} from './live.js';
import {csvOf, formulasIn} from './number_csv.js';
import {openNumber} from './number_dialog.js';
import {notify} from './shell.js';
import {cell, searchField, WindowedTable} from './windowed_table.js';
import {count} from './words.js';

const MOST_WATCHED = 50000;
const MOST_FOUND = 1000;  // As many as the daemon gives at once.
const SEARCH_AFTER = 200;  // Milliseconds without a key.

// As the API's filter: the beginning of the number, or a part of the name. Of a
// name that repeats the number only the words count.
function matches(number, text) {
  if (text === '' || number.number.startsWith(text)) return true;
  const name = number.name === `Internal Number ${number.number}`
      ? 'internal number' : number.name.toLowerCase();
  return name.includes(text.toLowerCase());
}

export class NumbersPage {
  name = 'numbers';
  title = 'Numbers';
  #daemon;
  #numbers = new Collection();
  #found = null;  // Of a search by the daemon: its numbers.
  #hasMore = false;  // Than those.
  #round = 0;  // Which search is in force.
  #text = '';
  #isScheduled = false;
  #summary = h('p', {class: 'summary', role: 'status'});
  #problem = h('div');
  #search = searchField('Search numbers', 'Number or name', (text) => this.#searchFor(text));
  #table;
  #empty;
  #nothing = h('p', {class: 'loading', hidden: true});
  #tools;
  #timer = null;
  #watch = new Live('NumberService/WatchNumbers', () => ({}), {
    onOpen: () => this.#numbers.beginSnapshot(),
    onCurrent: () => this.#numbers.endSnapshot(),
    onMessage: ({number, removed_number: removed}) => {
      if (number) {
        this.#numbers.set(number.number, number);
      } else {
        this.#numbers.delete(removed);
      }
    },
  });

  constructor(daemon) {
    this.#daemon = daemon;
    this.#table = new WindowedTable('Internal numbers', 'numbers',
        ['Number', 'Name', 'Destination', 'Private', h('span', {class: 'heard'}, 'Actions')],
        (number) => number.number, () => new NumberRow(this));
    this.#table.element.hidden = true;
    this.#tools = h('div', {class: 'tools'},
        h('div', {class: 'search-box'}, icon('search'), this.#search),
        button('quiet', 'Export CSV', () => this.#export()));
    this.#empty = h('div', {class: 'empty card', hidden: true},
        h('h2', {}, 'No internal numbers yet'),
        h('p', {}, 'An internal number leads to a phone, a group or anything else that ' +
          'your PBX knows. Linked accounts can dial it, unless it is private.'),
        h('div', {class: 'empty-actions if-may-change'}, ...this.#verbs()));
    this.element = h('section', {},
        h('div', {class: 'page-head'},
          h('div', {}, h('h1', {tabindex: '-1'}, 'Numbers'), this.#summary),
          h('div', {class: 'page-actions if-may-change'}, ...this.#verbs())),
        this.#tools, this.#problem, this.#empty, this.#nothing, this.#table.element);
    this.#numbers.addEventListener('change', () => this.#updateSoon());
    daemon.addEventListener('account', () => this.#decide());
  }

  #isOpen = false;
  #isWatching = false;
  // Until the watch has told all, the daemon is asked.
  get #isFollowing() { return this.#isWatching && this.#numbers.isComplete; }

  open() {
    this.#isOpen = true;
    this.#table.open();
    this.#decide();
  }

  close() {
    this.#isOpen = this.#isWatching = false;
    this.#found = null;  // Not followed: it would be old at the next visit.
    this.#watch.stop();
    this.#table.close();
  }

  get mayChange() { return this.#daemon.mayChange; }

  edit(number) {
    openNumber(number, () => this.#changed());
  }

  async setPrivate(number, isPrivate) {
    await call('NumberService/UpdateNumber', {
      number: {number: number.number, private: isPrivate}, update_mask: 'private'});
    notify(isPrivate
        ? `${number.number} is private: linked accounts cannot dial it any more.`
        : `${number.number} is shared with linked accounts.`);
    this.#changed();
  }

  askDelete(number) {
    confirm(`Delete ${number.number} ${number.name}?`,
            ['Neither this account nor linked ones can dial it any more. The phone behind ' +
             'it is not touched.'], 'Delete', async () => {
      await call('NumberService/DeleteNumber', {number: number.number});
      notify(`${number.number} is deleted.`);
      this.#changed();
    });
  }

  #verbs() {
    return [
      button('primary', 'Add number', () => openNumber(null, () => this.#changed()), 'plus'),
      button('plain', 'Import CSV', () => openImport(() => this.#changed()), 'upload'),
    ];
  }

  // After a change of our own; what is watched comes by itself.
  #changed() {
    this.#daemon.refresh();
    if (!this.#isFollowing) this.#ask();
  }

  // Whether the numbers are few enough to be followed.
  #decide() {
    if (!this.#isOpen || !this.#daemon.account || this.#isWatching) return;
    if (Number(this.#daemon.account.number_count) <= MOST_WATCHED) {
      this.#isWatching = true;
      this.#watch.start();
    } else if (!this.#found) {
      this.#ask();
    }
    this.#updateSoon();
  }

  #searchFor(text) {
    this.#text = text;
    window.scrollTo(0, 0);
    if (this.#isFollowing) {
      this.#update();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), SEARCH_AFTER);
  }

  // The daemon looks through some thousands of numbers for each answer, which may have
  // none, and says where it has stopped.
  async #ask() {
    this.#round += 1;
    const round = this.#round;
    const text = this.#text;
    const isOver = () => round !== this.#round || text !== this.#text ||
        this.#isFollowing || !this.#isOpen;
    const found = [];
    let token = '';
    try {
      do {
        const answer = await call('NumberService/ListNumbers', {
          filter: text, page_size: MOST_FOUND - found.length, page_token: token});
        if (isOver()) return;
        found.push(...answer.numbers);
        token = answer.next_page_token;
      } while (token && found.length < MOST_FOUND);
      this.#found = found;
      this.#hasMore = Boolean(token);
      fill(this.#problem);
    } catch (error) {
      if (isOver()) return;
      fill(this.#problem, refusalNote(error));
    }
    this.#update();
  }

  // Many changes, as of an import, are shown once a frame.
  #updateSoon() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#update();
    });
  }

  #update() {
    if (this.#isFollowing) this.#found = null;
    if (!this.#isFollowing && !this.#found) return;
    const all = this.#found ?? [...this.#numbers.values()].sort(
        (a, b) => (a.number < b.number ? -1 : 1));
    const shown = this.#found ?? all.filter((number) => matches(number, this.#text));
    const total = this.#found ? Number(this.#daemon.account.number_count) : all.length;
    const isEmpty = total === 0;
    this.#empty.hidden = !isEmpty;
    this.#tools.hidden = isEmpty;
    this.#tools.lastChild.hidden = Boolean(this.#found);
    this.element.classList.toggle('is-empty', isEmpty);
    this.#nothing.hidden = isEmpty || shown.length > 0;
    say(this.#nothing, `No number begins with “${this.#text}” or has it in its name.`);
    say(this.#summary, isEmpty ? '' : this.#summaryOf(all, shown, total));
    this.#table.items = shown;
  }

  #summaryOf(all, shown, total) {
    if (this.#found) {
      return `${count(total, 'number')}; ` + (this.#hasMore
          ? `the first ${count(shown.length, 'match', 'matches')} are shown`
          : count(shown.length, 'match', 'matches'));
    }
    const hidden = all.filter((number) => number.private).length;
    const words = `${count(total, 'number')}${hidden ? `, ${count(hidden, 'private', 'private')}` : ''}`;
    return this.#text ? `${count(shown.length, 'match', 'matches')} of ${words}` : words;
  }

  #export() {
    const numbers = [...this.#numbers.values()].sort((a, b) => (a.number < b.number ? -1 : 1));
    const url = URL.createObjectURL(new Blob([csvOf(numbers)], {type: 'text/csv'}));
    h('a', {href: url, download: 'numbers.csv'}).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
    const formulas = formulasIn(numbers);
    if (formulas > 0) {
      notify(`${count(formulas, 'field')} of numbers.csv ${formulas === 1 ? 'begins' : 'begin'} ` +
             'with =, +, - or @: have a spreadsheet read its columns as text, not as formulas.');
    }
  }
}

class NumberRow {
  #page;
  #number = null;
  #digits = cell('digits');
  #name = cell('name-cell');
  #destination = cell('destination');
  #switch;
  #edit;
  #delete;
  #word = h('span', {class: 'privacy-word'});

  constructor(page) {
    this.#page = page;
    this.#switch = switchInput(false, 'Private');
    this.#switch.dataset.outside = 'true';
    this.#switch.addEventListener('click', () => this.#flip());
    this.#edit = iconButton('pencil', 'Edit', () => page.edit(this.#number));
    this.#delete = iconButton('x', 'Delete', () => page.askDelete(this.#number));
    this.#delete.classList.add('deletes');
    this.#switch.classList.add('if-may-change');
    this.element = h('div', {}, this.#digits, this.#name, this.#destination,
        cell('privacy', this.#switch, this.#word),
        cell('row-actions if-may-change', this.#edit, this.#delete));
  }

  update(number) {
    const before = this.#number;
    if (before === number) return;
    this.#number = number;
    say(this.#digits, number.number);
    say(this.#name, number.name);
    this.#showDestination(number);
    this.#switch.setAttribute('aria-checked', String(number.private));
    this.#switch.setAttribute('aria-label', `Private: ${number.number} ${number.name}`);
    say(this.#word, number.private ? 'Private' : number.destination ? 'Shared' : 'Not callable');
    this.element.classList.toggle('is-private', number.private);
    for (const [control, verb] of [[this.#edit, 'Edit'], [this.#delete, 'Delete']]) {
      control.setAttribute('aria-label', `${verb} ${number.number}`);
    }
  }

  #showDestination(number) {
    if (!number.destination) {
      fill(this.#destination, h('span', {class: 'none',
          title: 'Without a destination it cannot be called, also not by linked accounts'},
          'no destination'));
    } else if (number.unreachable) {
      const why = 'Linked accounts cannot call it: its contact leaves no room for a call token';
      fill(this.#destination, number.destination,
           h('span', {class: 'warns', title: why}, icon('alert'), h('span', {class: 'heard'}, why)));
    } else {
      fill(this.#destination, number.destination);
      this.#destination.title = number.destination;
    }
  }

  // Shown once it is so: a switch that is ahead of the daemon would lie.
  async #flip() {
    if (this.#switch.getAttribute('aria-busy')) return;
    this.#switch.setAttribute('aria-busy', 'true');
    const isPrivate = !switchedOn(this.#switch);
    try {
      await this.#page.setPrivate(this.#number, isPrivate);
      this.#switch.setAttribute('aria-checked', String(isPrivate));
    } catch (error) {
      notify(error.sentence ?? error.message);
    }
    this.#switch.removeAttribute('aria-busy');
  }
}
