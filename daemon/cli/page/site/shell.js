// What surrounds the pages: whose account this is, the way from page to page,
// the banner while the daemon does not answer, and news of links.

import {AWAY} from './connect.js';
import {button, fill, h, icon, say} from './elements.js';
import {prose, sayProse} from './prose.js';
import {clockTime, colourInWords, colourOf, coloursInWords, count, pauseInWords} from './words.js';

const BANNER_AFTER = 700;  // Milliseconds: a break that is mended at once is none.
const NOTICE_FOR = 6000;

let announce = () => {};

// Says shortly what has been done, to eyes and to screen readers.
export function notify(text) {
  announce(text);
}

export class Shell {
  #daemon;
  #pages;
  #shown = null;
  #nav = new Map();  // Page -> its link.
  #account = h('span', {class: 'account-name'});
  #role = h('span', {class: 'tag', hidden: true}, icon('lock'), 'Read only');
  #lights = h('span', {class: 'lights'});
  #bannerText = h('span');
  #banner = h('div', {class: 'banner', role: 'status', hidden: true});
  #notices = h('div', {class: 'notices', role: 'status'});
  #main = h('main', {id: 'main', tabindex: '-1'});
  #bannerTimer = null;
  #route = () => this.#show(this.#wanted());

  constructor(daemon, pages) {
    this.#daemon = daemon;
    this.#pages = pages;
    fill(this.#banner, icon('alert'), this.#bannerText,
         button('quiet', 'Try now', () => daemon.retry()));
    announce = (text) => this.#announce(text);
    daemon.addEventListener('account', () => this.#showAccount());
    daemon.addEventListener('connection', () => this.#showConnection());
    daemon.addEventListener('role', () => this.#showRole());
    daemon.addEventListener('turn', ({detail}) => this.#tellTurn(detail));
    daemon.rows.addEventListener('change', () => this.#showLights());
    const items = pages.map((page) => {
      const link = h('a', {href: `#${page.name}`}, page.title);
      this.#nav.set(page, link);
      return h('li', {}, link);
    });
    const skip = h('button', {type: 'button', class: 'skip',
                              onclick: () => this.#heading().focus()}, 'Skip to the page');
    this.elements = [
      skip,
      h('header', {class: 'top'},
        h('div', {class: 'top-inner'},
          h('div', {class: 'brand'},
            h('img', {src: 'icon.svg', alt: '', width: '26', height: '26'}),
            h('div', {class: 'brand-words'}, h('span', {class: 'product'}, 'Interlink'),
              this.#account),
            this.#role),
          h('nav', {'aria-label': 'Pages'}, h('ul', {}, ...items)))),
      this.#banner, this.#main, this.#notices,
    ];
    this.#nav.get(pages[0]).append(this.#lights);
  }

  open() {
    window.addEventListener('hashchange', this.#route);
    this.#showRole();
    this.#show(this.#wanted());
  }

  close() {
    window.removeEventListener('hashchange', this.#route);
    clearTimeout(this.#bannerTimer);
    this.#shown?.close?.();
  }

  #heading() {
    return this.#main.querySelector('h1') ?? this.#main;
  }

  #isOffered(page) {
    return this.#daemon.mayChange || !page.isForAdministrators;
  }

  #wanted() {
    const name = location.hash.slice(1);
    const found = this.#pages.find((page) => page.name === name);
    return found && this.#isOffered(found) ? found : this.#pages[0];
  }

  #show(page) {
    if (this.#shown === page) return;
    const isFirst = this.#shown === null;
    this.#shown?.close?.();
    this.#shown = page;
    for (const [other, link] of this.#nav) {
      if (other === page) {
        link.setAttribute('aria-current', 'page');
      } else {
        link.removeAttribute('aria-current');
      }
    }
    fill(this.#main, page.element);
    window.scrollTo(0, 0);
    page.open?.();
    this.#showTitle();
    if (!isFirst) this.#heading().focus({preventScroll: true});
  }

  #showTitle() {
    const account = this.#daemon.account?.account_name;
    document.title = [this.#shown?.title, account, 'Interlink'].filter(Boolean).join(' – ');
  }

  #showAccount() {
    say(this.#account, this.#daemon.account.account_name);
    this.#showTitle();
  }

  #showRole() {
    const {role, mayChange} = this.#daemon;
    this.#role.hidden = role !== 'viewer';
    document.body.classList.toggle('may-change', mayChange);
    for (const [page, link] of this.#nav) {
      link.parentElement.hidden = role !== undefined && !this.#isOffered(page);
    }
    if (role !== undefined) this.#route();
  }

  // The worst colour beside the first page's name, wherever one is.
  #showLights() {
    const rows = [...this.#daemon.rows.values()];
    const worst = ['red', 'amber'].find(
        (colour) => rows.some((row) => colourOf(row) === colour));
    fill(this.#lights, worst ? h('span', {class: `circle small ${worst}`}) : null,
         worst ? h('span', {class: 'heard'}, ` (${count(rows.length, 'interlink')}${coloursInWords(rows)})`) : null);
  }

  #showConnection() {
    clearTimeout(this.#bannerTimer);
    const {refusal, answered} = this.#daemon;
    document.body.classList.toggle('is-broken', refusal !== null);
    if (!refusal) {
      if (!this.#banner.hidden) this.#announce('The daemon answers again.');
      this.#banner.hidden = true;
      return;
    }
    this.#bannerTimer = setTimeout(() => {
      const age = answered ? `What is shown is of ${clockTime(answered)}. ` : '';
      const [why, advice] = AWAY[refusal.code === 'program_gone' ? 'program' : 'daemon'];
      sayProse(this.#bannerText, `${why} ${age}This page goes on trying by itself. ${advice}`);
      this.#banner.hidden = false;
    }, BANNER_AFTER);
  }

  #tellTurn({before, row}) {
    if (row.state === 'INTERLINK_STATE_REMOVED') {
      if (before) this.#tellEnd(before);
    } else if (before && before.paused !== row.paused) {
      this.#announce(pauseInWords(row), row.id);
    } else if (before && colourOf(before) !== colourOf(row)) {
      this.#announce(`${row.name} is ${colourInWords(row)}.`, row.id);
    }
  }

  // Of an attempt that ends without a link its dialog tells.
  #tellEnd(row) {
    if (row.state === 'INTERLINK_STATE_PENDING') {
      this.#announce(`The key for ${row.name} is revoked.`);
    } else if (row.state !== 'INTERLINK_STATE_LINKING') {
      this.#announce(`${row.name} is gone: the interlink was deleted.`);
    }
  }

  // Of an interlink the latest news alone stands, and none of one whose dialog tells it.
  #announce(text, interlinkId = null) {
    const notice = h('div', {class: 'notice'}, ...prose(text));
    if (interlinkId) {
      if (document.querySelector(`dialog[data-tells-of="${interlinkId}"]`)) return;
      this.#notices.querySelector(`[data-about="${interlinkId}"]`)?.remove();
      notice.dataset.about = interlinkId;
    }
    this.#notices.append(notice);
    while (this.#notices.children.length > 3) this.#notices.firstChild.remove();
    setTimeout(() => notice.remove(), NOTICE_FOR);
  }
}
