// Dialogs and the forms in them. The browser's own <dialog> keeps the focus
// inside, closes with Escape and gives the focus back.

import {Refusal} from './connect.js';
import {button, fill, h, icon, iconButton} from './elements.js';
import {asSentence, prose} from './prose.js';

let made = 0;

export function newId() {
  made += 1;
  return `id-${made}`;
}

export class Dialog {
  #body = h('div', {class: 'dialog-body'});
  #title;
  #wasClosed = false;

  constructor(title) {
    const id = newId();
    this.#title = h('h2', {id, tabindex: '-1'}, title);
    this.element = h('dialog', {class: 'dialog', 'aria-labelledby': id},
        h('div', {class: 'dialog-head'}, this.#title,
          iconButton('x', 'Close', () => this.close())),
        this.#body);
    this.closed = new Promise((resolve) => {
      this.element.addEventListener('close', () => {
        this.#wasClosed = true;
        this.element.remove();
        // What opened it may be gone, as after a deletion.
        if (document.activeElement === document.body) {
          document.querySelector('main h1')?.focus();
        }
        resolve();
      });
    });
  }

  // Shows these contents instead of those before; the focus goes to what has
  // autofocus, or else to the title, so that it is read. A dialog that was closed
  // stays so.
  show(...contents) {
    if (this.#wasClosed) return this;
    fill(this.#body, ...contents);
    if (!this.element.isConnected) {
      document.body.append(this.element);
      this.element.showModal();
    }
    (this.#body.querySelector('[autofocus]') ?? this.#title).focus();
    return this;
  }

  rename(title) {
    this.#title.textContent = title;
  }

  // This dialog tells what becomes of that interlink, so that no notice has to.
  tellsOf(row) {
    this.element.dataset.tellsOf = row.id;
    document.querySelector(`.notice[data-about="${row.id}"]`)?.remove();
  }

  close() {
    this.element.close();
  }

  get wasClosed() { return this.#wasClosed; }
}

export function actions(...buttons) {
  return h('div', {class: 'dialog-actions'}, ...buttons);
}

// What was refused, and the next step.
export function refusalNote(refusal) {
  return h('p', {class: 'note refused', role: 'alert'}, icon('alert'),
           h('span', {}, ...prose(sentenceOf(refusal)),
             refusal.reason ? h('code', {class: 'reason'}, refusal.reason) : null));
}

export function sentenceOf(error) {
  return error instanceof Refusal ? error.sentence : `This page has a fault: ${error.message}`;
}

export function warningNotes(warnings) {
  return (warnings ?? []).map((warning) => h(
      'p', {class: 'note warning'}, icon('alert'), h('span', {}, ...prose(asSentence(warning)))));
}

// One input with its label, its hint and, after a refusal, what is wrong.
export class Field {
  #error = h('p', {class: 'field-error'});

  constructor(label, input, hint = '') {
    this.input = input;
    const id = newId();
    input.id = id;
    this.#error.id = `${id}-error`;
    const hintId = `${id}-hint`;
    input.setAttribute('aria-describedby', `${hintId} ${this.#error.id}`);
    input.addEventListener('input', () => this.clear());
    this.element = h('div', {class: 'field'},
        h('label', {for: id}, label), input, this.#error,
        hint ? h('p', {class: 'hint', id: hintId}, hint) : null);
  }

  get value() { return this.input.value; }

  refuse(sentence) {
    fill(this.#error, ...prose(sentence));
    this.input.setAttribute('aria-invalid', 'true');
    this.element.closest('details')?.setAttribute('open', '');
    this.input.focus();
  }

  clear() {
    fill(this.#error);
    this.input.removeAttribute('aria-invalid');
  }
}

export function textInput(attributes = {}) {
  return h('input', {type: 'text', autocomplete: 'off', spellcheck: 'false', ...attributes});
}

export function switchInput(isOn, label) {
  const element = h('button', {type: 'button', role: 'switch', class: 'switch',
                               'aria-checked': String(isOn), 'aria-label': label},
                    h('span', {class: 'knob'}));
  element.addEventListener('click', () => {
    if (element.dataset.outside) return;
    element.setAttribute('aria-checked', String(!switchedOn(element)));
  });
  return element;
}

export function switchedOn(element) {
  return element.getAttribute('aria-checked') === 'true';
}

// A form that does one thing. A refusal is shown at the field that it is about,
// by its reason, or else above the buttons; the form stays as it was filled in.
export class Form {
  #refusal = h('div', {});
  #submit;
  #fieldOf;

  // `act` does it, and may throw a Refusal; `fieldOf` maps reasons to fields, or to
  // functions that choose one by the sentence.
  constructor(dialog, verb, act, fields, fieldOf = {}, kind = 'primary') {
    this.#fieldOf = fieldOf;
    this.#submit = h('button', {type: 'submit', class: `button ${kind}`}, verb);
    this.element = h('form', {novalidate: true},
        ...fields.map((field) => field.element ?? field), this.#refusal,
        actions(button('plain', 'Cancel', () => dialog.close()), this.#submit));
    this.element.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (this.#submit.getAttribute('aria-disabled')) return;
      await this.#run(act);
    });
  }

  async #run(act) {
    fill(this.#refusal);
    this.#submit.setAttribute('aria-disabled', 'true');
    try {
      await act();
    } catch (error) {
      const found = this.#fieldOf[error.reason];
      const field = typeof found === 'function' ? found(sentenceOf(error)) : found;
      if (field) {
        field.refuse(sentenceOf(error));
      } else {
        fill(this.#refusal, refusalNote(error));
      }
    }
    this.#submit.removeAttribute('aria-disabled');
  }
}

// Asks before something that cannot be undone, and does it.
export function confirm(title, question, verb, act) {
  const dialog = new Dialog(title);
  const form = new Form(dialog, verb, async () => {
    await act();
    dialog.close();
  }, question.map((text) => h('p', {}, text)), {}, 'danger');
  dialog.show(form.element);
  form.element.querySelector('.plain').focus();
  return dialog.closed;
}
