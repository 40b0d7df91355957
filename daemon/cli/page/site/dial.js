// What can be dialled: the numbers of linked accounts, as this account knows
// them, with those marked that lead elsewhere.

import {call} from './connect.js';
import {refusalNote} from './dialog.js';
import {fill, h, icon, say} from './elements.js';
import {cell, searchField, WindowedTable} from './windowed_table.js';
import {count, is} from './words.js';

const PAGE = 1000;
const MOST_SHOWN = 50000;
// There is no watch of these. They are asked for again after this long, and no
// oftener than leaves nine tenths of the time to others.
const SOONEST = 3000;  // Milliseconds.
const SHARE_OF_TIME = 10;

export class DialPage {
  name = 'dial';
  title = 'Dial';
  #daemon;
  #numbers = null;
  #hasMore = false;
  #text = '';
  #timer = null;
  #isOpen = false;
  #round = 0;
  #summary = h('p', {class: 'summary', role: 'status'});
  #problem = h('div');
  #loading = h('p', {class: 'loading'}, 'Loading…');
  #nothing = h('p', {class: 'loading', hidden: true});
  #empty = h('div', {class: 'empty card', hidden: true});
  #hiding = h('p', {class: 'hint hiding', hidden: true},
      'What is struck through is hidden: its digits call a number of your own, or begin with the ' +
      'dial prefix of another interlink. To reach it, set a dial prefix in the settings of its ' +
      'interlink.');
  #tools;
  #table;

  constructor(daemon) {
    this.#daemon = daemon;
    const search = searchField('Search what can be dialled', 'Number, name or account', (text) => {
      this.#text = text.toLowerCase();
      window.scrollTo(0, 0);
      this.#show();
    });
    this.#tools = h('div', {class: 'tools', hidden: true},
                    h('div', {class: 'search-box'}, icon('search'), search));
    this.#table = new WindowedTable('What can be dialled', 'dial',
        ['Dial', 'Name', 'Account', 'Note'],
        (number) => `${number.number} ${number.interlink_id}`, () => new DialRow(daemon));
    this.#table.element.hidden = true;
    this.element = h('section', {},
        h('div', {class: 'page-head'},
          h('div', {}, h('h1', {tabindex: '-1'}, 'Dial'), this.#summary)),
        this.#tools, this.#problem, this.#loading, this.#empty, this.#nothing,
        this.#hiding, this.#table.element);
    daemon.addEventListener('turn', () => this.#askSoon(300));
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#askSoon(0);
    });
  }

  open() {
    this.#isOpen = true;
    this.#table.open();
    this.#askSoon(0);
  }

  close() {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#table.close();
  }

  #askSoon(wait) {
    clearTimeout(this.#timer);
    if (this.#isOpen && !document.hidden) {
      this.#timer = setTimeout(() => this.#ask(), wait);
    }
  }

  async #ask() {
    const began = performance.now();
    this.#round += 1;
    const round = this.#round;
    try {
      const numbers = [];
      let token = '';
      do {
        const answer = await call('NumberService/ListReachableNumbers',
                                  {page_size: PAGE, page_token: token});
        if (round !== this.#round || !this.#isOpen) return;
        numbers.push(...(answer.numbers ?? []));
        token = answer.next_page_token;
        if (token && !this.#numbers) {
          say(this.#loading, `Loading… ${count(numbers.length, 'number')}`);
        }
      } while (token && numbers.length < MOST_SHOWN);
      this.#hasMore = Boolean(token);
      this.#take(numbers);
      fill(this.#problem);
    } catch (error) {
      // A daemon that does not answer is told in the banner.
      if (!error.isBreak) fill(this.#problem, refusalNote(error));
    }
    this.#askSoon(Math.max(SOONEST, SHARE_OF_TIME * (performance.now() - began)));
  }

  // The rows are left alone if nothing has changed.
  #take(numbers) {
    const before = new Map((this.#numbers ?? []).map(
        (number) => [`${number.number} ${number.interlink_id}`, number]));
    this.#numbers = numbers.map((number) => {
      const old = before.get(`${number.number} ${number.interlink_id}`);
      return old && JSON.stringify(old) === JSON.stringify(number) ? old : number;
    });
    this.#loading.hidden = true;
    this.#show();
  }

  #show() {
    if (!this.#numbers) return;
    const text = this.#text;
    const shown = this.#numbers.filter((number) => text === '' ||
        number.number.startsWith(text) || number.prefixed_number.startsWith(text) ||
        number.name.toLowerCase().includes(text) ||
        number.interlink_name.toLowerCase().includes(text));
    const isEmpty = this.#numbers.length === 0;
    this.#hiding.hidden = !this.#numbers.some((number) => number.shadowed);
    this.#empty.hidden = !isEmpty;
    if (isEmpty) this.#explainEmptiness();
    this.#tools.hidden = isEmpty;
    this.#nothing.hidden = isEmpty || shown.length > 0;
    say(this.#nothing, `Nothing that can be dialled matches “${text}”.`);
    say(this.#summary, isEmpty ? '' : this.#summaryOf(shown));
    this.#table.items = shown;
  }

  #summaryOf(shown) {
    const hidden = this.#numbers.filter((number) => number.shadowed).length;
    const words = (this.#hasMore ? `The first ${count(this.#numbers.length, 'number')}`
                                 : count(this.#numbers.length, 'number')) +
        ' of linked accounts' + (hidden ? `, ${hidden} hidden` : '');
    return this.#text ? `${count(shown.length, 'match', 'matches')} of ${words}` : words;
  }

  #explainEmptiness() {
    const links = [...this.#daemon.rows.values()].filter((row) => is(row, 'ESTABLISHED'));
    const isPaused = links.length > 0 &&
        links.every((row) => row.health === 'INTERLINK_HEALTH_PAUSED');
    const key = links.length === 0 ? 'unlinked' : isPaused ? 'paused' : 'linked';
    if (this.#empty.dataset.key === key) return;
    this.#empty.dataset.key = key;
    const words = {
      unlinked: [h('h2', {}, 'Nothing to dial yet'),
        h('p', {}, 'Here are the numbers of linked accounts. Make the first interlink, ' +
          'and they appear by themselves.'),
        h('p', {}, h('a', {href: '#interlinks', class: 'button plain'}, 'Go to Interlinks'))],
      paused: [h('h2', {}, 'Every interlink is paused'),
        h('p', {}, 'No calls go in either direction until the side that has paused an ' +
          'interlink resumes it.'),
        h('p', {}, h('a', {href: '#interlinks', class: 'button plain'}, 'Go to Interlinks'))],
      linked: [h('h2', {}, 'The linked accounts share no numbers yet'),
        h('p', {}, 'As soon as one of them adds a number that has a destination and is ' +
          'not private, it appears here, and any phone of this account can dial it.')],
    }[key];
    fill(this.#empty, ...words);
  }
}

class DialRow {
  #daemon;
  #number = null;
  #digits = cell('digits');
  #name = cell('name-cell');
  #account = cell('account-cell');
  #note = cell('note-cell');
  element = h('div', {}, this.#digits, this.#name, this.#account, this.#note);

  constructor(daemon) {
    this.#daemon = daemon;
  }

  update(number) {
    if (this.#number === number) return;
    this.#number = number;
    say(this.#digits, number.number);
    say(this.#name, number.name);
    say(this.#account, number.interlink_name);
    say(this.#note, this.#noteOn(number));
    this.element.classList.toggle('is-hidden', number.shadowed);
    this.element.title = number.uri;
  }

  // What to dial, why, and whether that is still so.
  #noteOn({number, prefixed_number: prefixed, shadowed, turn, stale}) {
    const parts = [];
    if (shadowed) {
      const by = (isBehindPrefix(this.#daemon, number) ? 'a dial prefix or ' : '') +
          `your own number ${number}`;
      parts.push(`Hidden by ${by}${prefixed ? `: dial ${prefixed}` : ', and cannot be dialled'}`);
    } else if (turn > 1) {
      parts.push(`${number} calls ${count(turn - 1, 'other account')} first` +
                 (prefixed ? `: dial ${prefixed}` : ''));
    } else if (prefixed) {
      parts.push(`Or dial ${prefixed}`);
    }
    if (stale) parts.push('Its account does not answer now');
    return parts.join('. ');
  }
}

// Whether dialling the number asks a link by its dial prefix, for what follows it.
function isBehindPrefix(daemon, number) {
  return [...daemon.rows.values()].some(({dial_prefix: prefix}) =>
      prefix && number.startsWith(prefix) && number.length > prefix.length);
}
