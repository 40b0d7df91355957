// One row of the list: circle, name, what is the matter, and what can be done.

import {call} from './connect.js';
import {confirm, refusalNote} from './dialog.js';
import {button, fill, h, icon, iconButton, say} from './elements.js';
import {openShowKey} from './key_dialogs.js';
import {openLinkSettings} from './link_settings.js';
import {asSentence, sayProse} from './prose.js';
import {notify} from './shell.js';
import {agoInWords, clockTime, colourOf, is, keyLifeInWords, nextTryInWords, stateInWords}
  from './words.js';

export async function updateLink(row, fields) {
  await call('InterlinkService/UpdateInterlink', {
    interlink: {id: row.id, ...fields},
    update_mask: Object.keys(fields).join(','),
  });
}

export class LinkRow {
  #daemon;
  #row;
  #circle = h('span', {class: 'circle'});
  #colour = h('span', {class: 'colour-word'});
  #nameText = h('span', {class: 'name-text'});
  #name;
  #plainName = h('span', {class: 'name-text plain-name if-may-not-change'});
  #who = h('div', {class: 'who'});
  #account = h('span', {class: 'account'});
  #state = h('span', {class: 'state-words'});
  #since = h('span', {class: 'since'});
  #trouble = h('p', {class: 'trouble', hidden: true});
  #showKey;
  #pause;
  #settings;
  #delete;
  #isRenaming = false;

  constructor(daemon, row) {
    this.#daemon = daemon;
    this.#row = row;
    this.#name = h('button', {type: 'button', class: 'name if-may-change',
                              onclick: () => this.#startRename()},
                   this.#nameText, icon('pencil'));
    this.#showKey = button('plain small', 'Show key', () => openShowKey(this.#row), 'key');
    this.#pause = iconButton('pause', 'Pause', () => this.#flipPause());
    this.#settings = iconButton('sliders', 'Settings', () => openLinkSettings(this.#row));
    this.#delete = iconButton('x', 'Delete', () => this.#askDelete());
    this.#delete.classList.add('deletes');
    fill(this.#who, this.#name, this.#plainName, this.#account);
    this.element = h('li', {class: 'link'},
        h('div', {class: 'light'}, this.#circle, this.#colour),
        this.#who,
        h('div', {class: 'state'}, this.#state, this.#since),
        h('div', {class: 'row-actions if-may-change'}, this.#showKey, this.#settings,
          this.#pause, this.#delete),
        this.#trouble);
  }

  update(row) {
    const colour = colourOf(row);
    this.element.dataset.colour = colour;
    this.element.dataset.name = row.name;
    const turned = this.#circle.dataset.colour && this.#circle.dataset.colour !== colour;
    this.#circle.dataset.colour = colour;
    this.#circle.className = `circle ${colour}` + (is(row, 'LINKING') ? ' linking' : '') +
        (turned ? ' turned' : '');
    this.#row = row;
    say(this.#nameText, row.name);
    say(this.#plainName, row.name);
    this.#label(this.#name, `Rename ${row.name}`);
    this.#label(this.#delete, `Delete ${row.name}`);
    this.#label(this.#settings, `Settings of ${row.name}`);
    this.#label(this.#showKey, `Show key for ${row.name}`);
    this.#showPause(row);
    this.#showKey.hidden = !is(row, 'PENDING');
    this.#pause.hidden = this.#settings.hidden = !is(row, 'ESTABLISHED');
    const account = row.peer_account_name;
    say(this.#account, account && account !== row.name ? `calls itself ${account}` : '');
    this.tick();
  }

  // Says anew how long ago it was, and whether the daemon still says so.
  tick() {
    const row = this.#row;
    // A colour that nobody vouches for now is told as what it was.
    say(this.#colour, this.#daemon.refusal ? `was ${colourOf(row)}` : colourOf(row));
    say(this.#state, stateInWords(row));
    say(this.#since, this.#sinceInWords(row));
    const trouble = this.#troubleInWords(row);
    sayProse(this.#trouble, trouble);
    this.#trouble.hidden = trouble === '';
  }

  #label(element, label) {
    if (element.getAttribute('aria-label') === label) return;
    element.setAttribute('aria-label', label);
    if (element.title) element.title = label;
  }

  #showPause(row) {
    const verb = row.paused ? 'Resume' : 'Pause';
    if (this.#pause.dataset.verb !== verb) {
      fill(this.#pause, icon(row.paused ? 'play' : 'pause'));
      this.#pause.dataset.verb = verb;
    }
    this.#label(this.#pause, `${verb} ${row.name}`);
  }

  #sinceInWords(row) {
    if (is(row, 'PENDING')) return keyLifeInWords(row);
    if (is(row, 'LINKING')) return `entered ${agoInWords(row.create_time)}`;
    if (is(row, 'ESTABLISHED') && row.health_since_time) {
      return `since ${clockTime(row.health_since_time)}`;
    }
    return `made ${agoInWords(row.create_time)}`;
  }

  #troubleInWords(row) {
    const parts = [];
    if (row.last_error) {
      parts.push(asSentence(row.last_error.message));
    }
    const next = nextTryInWords(row);
    if (next && row.last_error) parts.push(asSentence(next));
    const isSilent = row.health === 'INTERLINK_HEALTH_UNREACHABLE';
    if (row.last_answer_time && isSilent) {
      parts.push(`Last answered ${agoInWords(row.last_answer_time)}.`);
    }
    return parts.join(' ');
  }

  #startRename() {
    if (this.#isRenaming) return;
    this.#isRenaming = true;
    const input = h('input', {type: 'text', class: 'rename-input', maxlength: '64',
                              'aria-label': `New name of ${this.#row.name}`,
                              value: this.#row.name, autocomplete: 'off'});
    const problem = h('div', {class: 'rename-problem'});
    const end = () => {
      this.#isRenaming = false;
      fill(this.#who, this.#name, this.#plainName, this.#account);
      this.#name.focus();
    };
    const form = h('form', {class: 'rename', novalidate: true}, input,
        h('button', {type: 'submit', class: 'button primary small'}, 'Rename'),
        iconButton('x', 'Keep the name', end), problem);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        if (input.value.trim() !== this.#row.name) {
          await updateLink(this.#row, {name: input.value});
          notify(`It is called ${input.value.trim()} now. The other account does not see this name.`);
        }
        end();
      } catch (error) {
        fill(problem, refusalNote(error));
        input.focus();
      }
    });
    form.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      end();
    });
    fill(this.#who, form);
    input.focus();
    input.select();
  }

  // That it is done is told once the row says so, whoever has done it.
  async #flipPause() {
    try {
      await updateLink(this.#row, {paused: !this.#row.paused});
    } catch (error) {
      notify(error.sentence ?? error.message);
    }
  }

  #askDelete() {
    const row = this.#row;
    confirm(`Delete ${row.name}?`, this.#whatDeletingDoes(row), 'Delete', async () => {
      await call('InterlinkService/DeleteInterlink', {id: row.id});
    });
  }

  #whatDeletingDoes(row) {
    if (is(row, 'PENDING')) {
      return ['Its key is revoked: whoever enters it from now on is refused.'];
    }
    if (is(row, 'LINKING')) {
      return ['The attempt ends. The key stays usable for another account unless the ' +
              'link has been made already.'];
    }
    if (is(row, 'FAILED')) return ['The row goes; there is no link behind it.'];
    return ['The interlink ends at once, and its row goes on both accounts. Neither ' +
            'can dial the other’s internal numbers any more.',
            'To link them again, a new key is needed.'];
  }
}
