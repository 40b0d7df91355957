// A table of any length: only the rows that are seen, and some around them, are
// in the document. All rows have the height that the style sheet gives them.

import {h} from './elements.js';

const AROUND = 8;  // Rows beyond each edge, so that Tab always finds a next one.

export class WindowedTable {
  #items = [];
  #keyOf;
  #makeRow;
  #rows = new Map();  // Key -> {element, update} of what is in the document.
  #body = h('div', {class: 'window', role: 'rowgroup'});
  #isScheduled = false;
  #schedule = () => this.#renderSoon();

  // `makeRow` makes a row: {element, update(item)}. `titles` are those of the columns.
  constructor(label, kind, titles, keyOf, makeRow) {
    this.#keyOf = keyOf;
    this.#makeRow = makeRow;
    this.element = h('div', {class: `table card ${kind}`, role: 'table', 'aria-label': label},
        h('div', {role: 'rowgroup', class: 'table-head'},
          h('div', {role: 'row', class: 'table-row', 'aria-rowindex': '1'},
            ...titles.map((title) => h('div', {role: 'columnheader'}, title)))),
        this.#body);
  }

  open() {
    window.addEventListener('scroll', this.#schedule, {passive: true});
    window.addEventListener('resize', this.#schedule);
    this.#renderSoon();
  }

  close() {
    window.removeEventListener('scroll', this.#schedule);
    window.removeEventListener('resize', this.#schedule);
  }

  set items(items) {
    this.#items = items;
    this.element.setAttribute('aria-rowcount', String(items.length + 1));
    if (items.length > 0) this.element.hidden = false;
    this.#renderSoon();
  }

  // Puts the focus on the first control of a row that is seen; false if the
  // table has none.
  focusFirst() {
    const control = this.#body.querySelector('button');
    control?.focus();
    return control !== null;
  }

  #renderSoon() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#render();
    });
  }

  #render() {
    if (!this.element.isConnected) return;
    if (this.#items.length === 0) {
      this.#dropAllBut(new Map());
      this.element.hidden = true;
      return;
    }
    const height = Number.parseFloat(
        getComputedStyle(this.element).getPropertyValue('--row-height'));
    this.#body.style.height = `${height * this.#items.length}px`;
    const top = this.#body.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-top / height) - AROUND);
    const end = Math.min(this.#items.length,
                         Math.ceil((innerHeight - top) / height) + AROUND);
    const wanted = new Map();
    for (let at = first; at < end; ++at) wanted.set(this.#keyOf(this.#items[at]), at);
    this.#dropAllBut(wanted);
    let before = null;
    for (const [key, at] of wanted) {
      before = this.#place(key, at, height, before);
    }
  }

  // A row that has the focus stays, unless its item is gone.
  #dropAllBut(wanted) {
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      if (row.element.contains(document.activeElement)) {
        const at = this.#items.findIndex((item) => this.#keyOf(item) === key);
        if (at >= 0) continue;
        const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
        (next?.querySelector('button') ?? document.querySelector('main h1'))?.focus();
      }
      row.element.remove();
      this.#rows.delete(key);
    }
  }

  // In the document's order, so that Tab goes down the table.
  #place(key, at, height, before) {
    let row = this.#rows.get(key);
    if (!row) {
      row = this.#makeRow();
      row.element.setAttribute('role', 'row');
      row.element.classList.add('table-row');
      this.#rows.set(key, row);
    }
    row.element.setAttribute('aria-rowindex', String(at + 2));
    row.element.style.top = `${at * height}px`;
    row.update(this.#items[at]);
    const next = before ? before.nextSibling : this.#body.firstChild;
    if (next !== row.element) this.#body.insertBefore(row.element, next);
    return row.element;
  }
}

export function cell(kind, ...children) {
  return h('div', {role: 'cell', class: `cell ${kind}`}, ...children);
}

export function searchField(label, placeholder, oninput) {
  const input = h('input', {type: 'search', class: 'search', placeholder,
                            'aria-label': label, autocomplete: 'off', spellcheck: 'false',
                            oninput: () => oninput(input.value.trim())});
  return input;
}
