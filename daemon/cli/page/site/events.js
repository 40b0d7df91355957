// What happened, newest first, followed live. Only administrators may read it.

import {call} from './connect.js';
import {refusalNote} from './dialog.js';
import {button, fill, h, say} from './elements.js';
import {Live} from './live.js';
import {asSentence, prose} from './prose.js';
import {clockTime, count} from './words.js';

const PAGE = 100;

// Kinds that somebody should look at.
const SERIOUS = new Set([
  'KEY_REUSE_REFUSED', 'ACCOUNT_CLONED', 'IDENTITY_MISMATCH', 'PEER_FLOODED', 'CALL_REFUSED',
  'LINK_REFUSED', 'ROUTE_BACK_REFUSED', 'CONTACT_HOST_CHANGED', 'REMOVAL_GIVEN_UP', 'RESTORED',
  'CALL_TOKENS_MISSING', 'NUMBERS_UNREACHABLE', 'UNREACHABLE',
]);
const GOOD = new Set(['LINKED', 'CONNECTED']);

// Kinds whose names are not words of the manual; the others are read as they are.
const KINDS = {
  ACCOUNT_CLONED: 'Other account runs twice',
  ADDRESSES_CHANGED: 'Other account has moved',
  ATTEMPT_CANCELLED: 'Linking called off',
  CALL_TOKENS_MISSING: 'Calls cannot be made',
  CONTACT_HOST_CHANGED: 'Calls go elsewhere',
  DELETED_BY_PEER: 'Deleted by the other account',
  IDENTITY_MISMATCH: 'Not the account it says',
  KEY_REUSE_REFUSED: 'Used key refused',
  NUMBERS_UNREACHABLE: 'Numbers cannot be called',
  ORPHANED: 'Forgotten by the other account',
  PAUSED_BY_PEER: 'Paused by the other account',
  PEER_FLOODED: 'Other account sends too much',
  REMOVAL_DELIVERED: 'Deletion confirmed',
  REMOVAL_GIVEN_UP: 'Deletion not confirmed',
  RESTORED: 'Older copy put back',
  RESUMED_BY_PEER: 'Resumed by the other account',
  ROUTE_BACK_REFUSED: 'Call to itself refused',
  UNREACHABLE: 'Not reachable',
};

const ACTORS = {administrator: 'By an administrator', peer: 'By the other account',
                daemon: 'By the daemon'};

function kindInWords(kind) {
  const words = kind.toLowerCase().replaceAll('_', ' ');
  return KINDS[kind] ?? words[0].toUpperCase() + words.slice(1);
}

export class EventsPage {
  name = 'events';
  title = 'Events';
  isForAdministrators = true;
  #last = '0';  // Sequence of the newest event that is shown.
  #older = '';  // Where the page before begins.
  #rows = new Map();  // Identity -> element.
  #list = h('ol', {class: 'events card', 'aria-label': 'Events', hidden: true});
  #summary = h('p', {class: 'summary'});
  #problem = h('div');
  #loading = h('p', {class: 'loading'}, 'Loading…');
  #empty = h('div', {class: 'empty card', hidden: true},
      h('h2', {}, 'Nothing has happened yet'),
      h('p', {}, 'Who linked, renamed, deleted or changed a number is written down here, ' +
        'and when a linked account ceases to answer and comes back.'));
  #more = button('plain', 'Show older events', () => this.#loadOlder());
  #isOpen = false;
  #watch = new Live('DaemonService/WatchEvents', () => ({after_sequence: this.#last}), {
    onMessage: ({event}) => this.#add(event, true),
  });

  constructor() {
    this.#more.hidden = true;
    this.element = h('section', {},
        h('div', {class: 'page-head'},
          h('div', {}, h('h1', {tabindex: '-1'}, 'Events'), this.#summary)),
        this.#problem, this.#loading, this.#empty, this.#list,
        h('div', {class: 'more'}, this.#more));
  }

  async open() {
    this.#isOpen = true;
    if (this.#rows.size === 0) await this.#loadOlder();
    if (this.#isOpen) this.#watch.start();
  }

  close() {
    this.#isOpen = false;
    this.#watch.stop();
  }

  async #loadOlder() {
    try {
      const answer = await call('DaemonService/ListEvents',
                                {page_size: PAGE, page_token: this.#older});
      this.#older = answer.next_page_token;
      for (const event of answer.events) this.#add(event, false);
      this.#more.hidden = this.#older === '';
      fill(this.#problem);
      this.#loading.hidden = true;
      this.#summarise();
    } catch (error) {
      fill(this.#problem, refusalNote(error));
    }
  }

  // An event that is equal to an earlier one replaces it: it has its time, and a
  // higher count.
  #add(event, isNew) {
    const identity = `${event.time} ${event.kind} ${event.interlink_id}`;
    if (isNew) this.#rows.get(identity)?.remove();
    const element = elementOf(event);
    this.#rows.set(identity, element);
    if (isNew) {
      element.classList.add('fresh');
      this.#list.prepend(element);
    } else {
      this.#list.append(element);
    }
    if (BigInt(event.sequence) > BigInt(this.#last)) this.#last = event.sequence;
    if (isNew) this.#summarise();
  }

  #summarise() {
    this.#empty.hidden = this.#rows.size > 0;
    this.#list.hidden = this.#rows.size === 0;
    say(this.#summary, this.#rows.size > 0 ? 'The newest first; new ones appear by themselves.' : '');
  }
}

function elementOf(event) {
  const tone = SERIOUS.has(event.kind) ? 'serious' : GOOD.has(event.kind) ? 'good' : '';
  const last = event.last_time ?? event.time;
  const times = Number(event.count) > 1
      ? ` ${count(event.count, 'time')} since ${clockTime(event.time)}.` : '';
  return h('li', {class: `event ${tone}`},
      h('time', {datetime: last}, clockTime(last)),
      h('div', {class: 'event-kind'},
        h('span', {class: 'kind', title: event.kind}, kindInWords(event.kind)),
        h('span', {class: 'actor'}, ACTORS[event.actor] ?? event.actor)),
      h('div', {class: 'event-words'},
        event.interlink_name ? h('strong', {}, event.interlink_name) : null,
        h('span', {}, ...prose(asSentence(event.message)), times)));
}
