// Starts the page: opens the session, then shows one of the five pages, each of
// which is made at its first visit.

import {AccountPage} from './account.js';
import {Daemon} from './daemon.js';
import {DialPage} from './dial.js';
import {h} from './elements.js';
import {EventsPage} from './events.js';
import {InterlinksPage} from './interlinks.js';
import {NumbersPage} from './numbers.js';
import {prose} from './prose.js';
import {FOR_NEW_LINK, hasToken, onSessionEnd, openSession} from './session.js';
import {Shell} from './shell.js';

function showNeedOfLink(why) {
  document.title = 'Interlink';
  document.body.replaceChildren(h('main', {class: 'lonely'},
      h('h1', {}, 'This page needs its link'),
      h('p', {}, ...prose(why)),
      h('p', {}, 'If it does not run any more, start it again. A link opens one tab, once.')));
}

// A link that is opened in this very tab changes nothing but what is behind the #.
window.addEventListener('hashchange', () => {
  if (hasToken()) location.reload();
});

async function start() {
  const why = await openSession();
  if (why) {
    showNeedOfLink(why);
    return;
  }
  const daemon = new Daemon();
  const shell = new Shell(daemon, [
    new InterlinksPage(daemon),
    new NumbersPage(daemon),
    new DialPage(daemon),
    new EventsPage(daemon),
    new AccountPage(daemon),
  ]);
  onSessionEnd(() => {
    daemon.stop();
    shell.close();
    showNeedOfLink(`The program behind this page has been started anew. ${FOR_NEW_LINK}`);
  });
  document.body.replaceChildren(...shell.elements);
  daemon.start();
  shell.open();
}

start();
