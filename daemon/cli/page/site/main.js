// Starts the page: opens the session, then shows one of the five pages, each of
// which is made at its first visit.

import {AccountPage} from './account.js';
import {Daemon} from './daemon.js';
import {DialPage} from './dial.js';
import {h} from './elements.js';
import {EventsPage} from './events.js';
import {InterlinksPage} from './interlinks.js';
import {NumbersPage} from './numbers.js';
import {onSessionEnd, openSession} from './session.js';
import {Shell} from './shell.js';

function showNeedOfLink(why) {
  document.title = 'Interlink';
  document.body.replaceChildren(h('main', {class: 'lonely'},
      h('h1', {}, 'This page needs its link'),
      h('p', {}, why),
      h('p', {}, 'Where ', h('code', {}, 'interlinkctl page'), ' runs, press Enter: it ' +
        'prints a new link. If it does not run any more, start it again. A link opens ' +
        'one tab, once.')));
}

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
    showNeedOfLink('interlinkctl page does not know this tab any more: it has been started anew.');
  });
  document.body.replaceChildren(...shell.elements);
  daemon.start();
  shell.open();
}

start();
