// Who this account is, and whether all is well with it.

import {call} from './connect.js';
import {refusalNote} from './dialog.js';
import {button, copyable, fill, h, icon} from './elements.js';
import {asSentence, prose} from './prose.js';
import {clockTime, coloursInWords, count, secondsOf, spanInWords} from './words.js';

const OUTCOMES = {
  FINDING_OUTCOME_OK: ['green', 'ok'],
  FINDING_OUTCOME_WARNING: ['amber', 'warning'],
  FINDING_OUTCOME_FAULT: ['red', 'fault'],
  FINDING_OUTCOME_NOT_EXAMINED: ['grey', 'not examined'],
};

// What each check is about; the API's name of it is the title.
const CHECKS = {
  settings: 'Settings',
  clock: 'Clock',
  disk: 'Disk space',
  descriptors: 'Open files',
  certificate: 'Certificate',
  store: 'Storage',
  listener: 'Reached by other accounts',
  contact: 'Where calls go',
  sip: 'Calls by SIP',
  'pbx-http': 'Calls by HTTP',
  state: 'Interlink',
  session: 'Connection',
  clocks: 'Both clocks',
  admission: 'Calls let in',
  dns: 'Name of the host',
  tcp: 'Network',
  tls: 'Encryption',
  pin: 'Identity',
  protocol: 'Versions',
  lookup: 'Test question',
  way: 'Way there',
};

export class AccountPage {
  name = 'account';
  title = 'Account';
  #daemon;
  #warnings = h('div', {class: 'stack'});
  #facts = h('dl', {class: 'facts card'});
  #findings = h('div', {'aria-live': 'polite'});
  #loading = h('p', {class: 'loading'}, 'Loading…');
  #examine;
  #shown = '';

  constructor(daemon) {
    this.#daemon = daemon;
    this.#examine = button('plain', 'Examine', () => this.#runDoctor(), 'search');
    this.element = h('section', {},
        h('div', {class: 'page-head'}, h('div', {}, h('h1', {tabindex: '-1'}, 'Account'))),
        this.#warnings, this.#loading, this.#facts,
        h('div', {class: 'doctor card if-may-change'},
          h('div', {class: 'doctor-head'},
            h('div', {}, h('h2', {}, 'Is all well?'),
              h('p', {class: 'hint'}, 'Goes through all that the account and its interlinks ' +
                'need, and says what to do. It takes up to 15 seconds and changes nothing.')),
            this.#examine),
          this.#findings));
    this.#facts.hidden = true;
    daemon.addEventListener('account', () => this.#update());
    daemon.rows.addEventListener('change', () => this.#update());
  }

  open() {
    this.#daemon.refresh();
    this.#update();
  }

  #update() {
    const {account} = this.#daemon;
    if (!account) return;
    const rows = [...this.#daemon.rows.values()];
    const facts = this.#factsOf(account, rows);
    const state = JSON.stringify([facts, account.store_failure, account.settings_failure,
      account.restore_time]);
    this.#loading.hidden = true;
    this.#facts.hidden = false;
    if (state === this.#shown) return;  // Somebody may be selecting a text in it.
    this.#shown = state;
    fill(this.#facts, ...facts.flatMap(([term, text, isCode]) => [
      h('dt', {}, term),
      h('dd', {}, isCode ? copyable(text, term.toLowerCase()) : text)]));
    fill(this.#warnings, ...warningsOf(account));
  }

  #factsOf(account, rows) {
    const facts = [
      ['Name', account.account_name, false],
      ['Account id', account.account_id, true],
      ['Root SHA-256', account.root_sha256, true],
      ['Addresses', account.addresses.join(', ') ||
        'None: other daemons cannot reach this one', false],
      ['Contact', account.contact || 'None', false],
      ['Calls let in', account.call_admission === 'CALL_ADMISSION_TOKEN'
          ? 'Those that bring a call token' : 'All to numbers that are shared', false],
      ['Interlinks', rows.length ? `${rows.length}${coloursInWords(rows)}` : 'None', false],
      ['Numbers', count(account.number_count, 'number'), false],
      ['Numbers of linked accounts', count(account.mirrored_number_count, 'number'), false],
      ['Version', account.version, false],
      ['Running for', spanInWords(secondsOf(account.uptime)), false],
    ];
    const undelivered = Number(account.undelivered_removal_count);
    if (undelivered > 0) {
      facts.push(['Deletions', `${undelivered} still to be told to the other account`, false]);
    }
    return facts;
  }

  async #runDoctor() {
    this.#examine.setAttribute('aria-disabled', 'true');
    fill(this.#findings, h('p', {class: 'loading'}, 'Examining…'));
    try {
      const {findings} = await call('DoctorService/Examine', {}, {timeout: 20000});
      fill(this.#findings, findingsList(findings));
    } catch (error) {
      fill(this.#findings, refusalNote(error));
    }
    this.#examine.removeAttribute('aria-disabled');
  }
}

function note(kind, text) {
  return h('p', {class: `note ${kind}`, role: 'status'}, icon('alert'), h('span', {}, ...prose(text)));
}

function warningsOf(account) {
  const notes = [];
  if (account.store_failure) {
    notes.push(note('refused', asSentence(account.store_failure)));
  }
  if (account.settings_failure) {
    notes.push(note('refused', asSentence(account.settings_failure)));
  }
  if (account.restore_time) {
    notes.push(note('warning', `At ${clockTime(account.restore_time)} an older copy of this ` +
        `account's store was put back. ${asSentence(account.restore_sign)} Keys that were ` +
        'pending then are void: generate them again.'));
  }
  if (account.addresses.length === 0) {
    notes.push(note('warning', 'Other daemons are not told where to reach this one, so it can ' +
        'enter keys, but not generate any. To change that, have the ' +
        'daemon’s “advertise” setting name the address at which they reach it.'));
  }
  return notes;
}

function findingsList(findings) {
  return h('ul', {class: 'findings'}, ...findings.map((finding) => {
    const [colour, word] = OUTCOMES[finding.outcome] ?? ['grey', finding.outcome];
    const check = CHECKS[finding.check] ?? finding.check;
    return h('li', {},
        h('span', {class: 'light'}, h('span', {class: `circle small ${colour}`}),
          h('span', {class: 'colour-word'}, word)),
        h('span', {class: 'check', title: finding.check}, finding.interlink_name
            ? `${finding.interlink_name}: ${check}` : check),
        h('span', {class: 'finding-words'}, ...prose(asSentence(finding.message))));
  }));
}
