// The manual's next figures: "Generate new key", the key with its Copy icon, and
// "Link to another account".

import {call} from './connect.js';
import {actions, Dialog, Field, Form, refusalNote, sentenceOf, textInput, warningNotes}
  from './dialog.js';
import {button, copyable, fill, h, icon} from './elements.js';
import {asSentence, prose} from './prose.js';
import {notify} from './shell.js';
import {clockTime, colourOf, is, stateInWords} from './words.js';

// Milliseconds. An attempt that takes longer goes on, and the dialog follows its row.
const LINK_TIMEOUT = 10000;

const LIVES = [
  ['1 hour', '3600s'], ['1 day', '86400s'], ['7 days (default)', '604800s'],
  ['30 days', '2592000s'], ['90 days', '7776000s'], ['no end', '0s'],
];
const USUAL_LIFE = '604800s';

function nameField(label, hint) {
  return new Field(label, textInput({maxlength: '64', autofocus: true}), hint);
}

export function openGenerateKey(daemon) {
  const dialog = new Dialog('Generate new key');
  const name = nameField('Name of this interlink',
      'What you want to call the other account, such as John Smith. Only you see it, and ' +
      'you can rename it later.');
  const life = new Field('The key is good for', h('select', {},
      ...LIVES.map(([words, value]) => h('option', {value, selected: value === USUAL_LIFE}, words))));
  const form = new Form(dialog, 'Generate key', async () => {
    const answer = await call('InterlinkService/GenerateKey',
                              {name: name.value, expires_in: life.value});
    dialog.rename(`Key for ${answer.interlink.name}`);
    showKey(dialog, answer.interlink, answer, daemon);
  }, [name, life], {NAME_INVALID: name, NAME_TAKEN: name});
  dialog.show(form.element);
}

export async function openShowKey(row) {
  const dialog = new Dialog(`Key for ${row.name}`);
  dialog.show(h('p', {class: 'loading'}, 'Loading…'));
  try {
    showKey(dialog, row, await call('InterlinkService/ShowKey', {id: row.id}));
  } catch (error) {
    dialog.show(refusalNote(error), actions(button('plain', 'Close', () => dialog.close())));
  }
}

// `answer` has the key, and warnings of what may keep it from working. With
// `daemon`, the dialog sees the key being used.
function showKey(dialog, row, {key, warnings}, daemon = null) {
  const end = row.key_expire_time
      ? ` It is good until ${clockTime(row.key_expire_time)}.` : ' It has no end.';
  const news = h('div', {role: 'status'});
  const watch = () => {
    const now = daemon.rows.get(row.id);
    if (!now || !is(now, 'ESTABLISHED')) return;
    fill(news, h('p', {class: 'note done'}, h('span', {class: 'circle green'}),
                 h('span', {}, `The key has been entered: ${now.name} is linked.`)));
  };
  if (daemon) {
    dialog.tellsOf(row);
    daemon.rows.addEventListener('change', watch);
    dialog.closed.then(() => daemon.rows.removeEventListener('change', watch));
  }
  const done = button('primary', 'Done', () => dialog.close());
  dialog.show(
      h('p', {}, 'Send this key to the administrator of the other account, who enters ' +
        'it with “Link to another account”. The circle is grey until then, and ' +
        'turns green by itself.'),
      copyable(key, 'the key'),
      h('p', {class: 'note secret'}, icon('lock'), h('span', {},
        h('strong', {}, 'This is a secret.'), ' Whoever enters it first becomes the linked ' +
        `account. It works once.${end} To revoke it, delete the grey row.`)),
      ...warningNotes(warnings), news, actions(done));
  dialog.element.querySelector('.copy').focus();
}

export function openLinkAccount(daemon) {
  const dialog = new Dialog('Link to another account');
  const name = nameField('Name of this interlink',
      'What you want to call the other account. Only you see it.');
  const key = new Field('Authorization key', h('textarea', {
    rows: '4', autocomplete: 'off', spellcheck: 'false', class: 'key-input',
    placeholder: 'ilk1_…', maxlength: '16384'}),
    'As you received it from the other administrator; the text around it may stay.');
  const progress = h('div', {role: 'status'});
  const form = new Form(dialog, 'Link', async () => {
    fill(progress, h('p', {class: 'note busy'}, h('span', {class: 'circle grey linking'}),
        h('span', {}, 'Asking the other account… This takes a moment.')));
    try {
      const before = establishedIn(daemon);
      const answer = await link(name.value, key.value);
      showLinked(dialog, daemon, answer, before.has(answer.interlink.id));
    } catch (error) {
      if (dialog.wasClosed) notify(sentenceOf(error));
      throw error;
    } finally {
      fill(progress);
    }
  }, [name, key, progress], {
    NAME_INVALID: name, NAME_TAKEN: name, KEY_DAMAGED: key, KEY_VERSION: key, SELF_LINK: key,
    INVALID_KEY: key, KEY_EXPIRED: key, KEY_REVOKED: key, KEY_ALREADY_USED: key,
    ALREADY_LINKED: key, LINK_TERMINATED: key, PROTOCOL_VERSION: key,
    PEER_IDENTITY_MISMATCH: key,
  });
  dialog.show(form.element);
}

function establishedIn(daemon) {
  return new Set([...daemon.rows.values()].filter((row) => is(row, 'ESTABLISHED'))
      .map((row) => row.id));
}

// The API repeats an attempt with the same name and key, so that a lost answer
// does no harm.
async function link(name, key) {
  return call('InterlinkService/LinkAccount', {name, key}, {timeout: LINK_TIMEOUT});
}

// Green, or what is still in the way; either way the dialog goes on with the row. With
// `isOld` the same key had made this link before, so that nothing happened now.
function showLinked(dialog, daemon, {interlink, warnings}, isOld) {
  dialog.tellsOf(interlink);
  const outcome = h('div', {role: 'status'});
  let shown = '';
  const update = () => {
    const row = daemon.rows.get(interlink.id) ?? interlink;
    const words = outcomeInWords(row, isOld, warnings.length > 0);
    if (words === shown) return;
    shown = words;
    dialog.rename(is(row, 'LINKING') ? `Linking ${row.name}` : row.name);
    fill(outcome, h('p', {class: `note ${is(row, 'ESTABLISHED') ? 'done' : 'busy'}`},
        h('span', {class: `circle ${colourOf(row)}${is(row, 'LINKING') ? ' linking' : ''}`}),
        h('span', {}, ...prose(words))));
  };
  update();
  daemon.rows.addEventListener('change', update);
  dialog.closed.then(() => daemon.rows.removeEventListener('change', update));
  dialog.show(outcome, ...warningNotes(warnings),
              actions(h('button', {type: 'button', class: 'button primary', autofocus: true,
                                   onclick: () => dialog.close()}, 'Done')));
}

// What can be dialled is said as far as it is so: `isWarned` of what may keep the other
// account from calling this one.
function outcomeInWords(row, isOld, isWarned) {
  if (is(row, 'ESTABLISHED')) {
    const linked = isOld
        ? `This key was entered before: ${row.name} has been linked with ` +
          `${row.peer_account_name} since ${clockTime(row.establish_time)}. Nothing has changed.`
        : `Linked with ${row.peer_account_name}.`;
    return `${linked} ${whatCanBeDialled(row, isWarned)}`;
  }
  if (is(row, 'FAILED')) return asSentence(row.last_error?.message ?? 'It was refused');
  const why = asSentence(row.last_error?.message ?? '');
  return `The other account has not answered yet. ${why} This daemon goes on trying; ` +
      'you can close this window, and watch the circle in the list.';
}

function whatCanBeDialled(row, isWarned) {
  if (row.health === 'INTERLINK_HEALTH_PAUSED') return `It is ${stateInWords(row)}.`;
  if (colourOf(row) !== 'green') {
    return 'You can dial each other’s internal numbers as soon as its circle is green.';
  }
  if (isWarned) {
    return 'You can dial its internal numbers now. Before it can dial yours, this may have ' +
        'to be mended:';
  }
  return 'You can dial each other’s internal numbers now.';
}
