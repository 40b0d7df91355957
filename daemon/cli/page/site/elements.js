// Elements and icons. Text reaches the document as text nodes and attributes
// alone, so that nothing that an account is called can become code.

const SVG = 'http://www.w3.org/2000/svg';

// An element with attributes, listeners and children. `onclick` and the like
// are listeners; true is an attribute without a value; false and null are left
// out, as they are among the children.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (name === 'value') {
      element.value = value;
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  fill(element, ...children);
  return element;
}

// Replaces the children.
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter(
      (child) => child !== null && child !== undefined && child !== false));
}

// Sets the text only if it differs, so that a screen reader hears no repetition.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const ICONS = {
  alert: ['M8 2 1.6 13.4h12.8z', 'M8 6.4v3.2', 'M8 11.6v.01'],
  check: ['M3 8.6 6.4 12 13 4.6'],
  copy: ['M6 5.5h7v8H6z', 'M10.5 5.5v-3h-7v8H6'],
  key: ['M8.4 5.4a2.9 2.9 0 1 1-5.8 0 2.9 2.9 0 0 1 5.8 0z', 'M7.6 7.4 13.4 13.2', 'M10.4 10.2 12 8.6', 'M12.2 12l1.2-1.2'],
  link: ['M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.9.9',
         'M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.2 9.1a2.6 2.6 0 0 0 3.7 3.7l.9-.9'],
  lock: ['M3.8 7.2h8.4v6.2H3.8z', 'M5.6 7.2V5a2.4 2.4 0 0 1 4.8 0v2.2'],
  pause: ['M5.6 3.5v9', 'M10.4 3.5v9'],
  pencil: ['M3 13l.7-2.9 7-7 2.2 2.2-7 7z'],
  play: ['M5 3.2v9.6L12.6 8z'],
  plus: ['M8 3v10', 'M3 8h10'],
  search: ['M11.2 7a4.2 4.2 0 1 1-8.4 0 4.2 4.2 0 0 1 8.4 0z', 'M10.2 10.2 13.6 13.6'],
  sliders: ['M2.5 5h6', 'M12 5h1.5', 'M2.5 11H4', 'M7.5 11h6',
            'M12 5a1.7 1.7 0 1 1-3.4 0A1.7 1.7 0 0 1 12 5z',
            'M7.5 11a1.7 1.7 0 1 1-3.4 0 1.7 1.7 0 0 1 3.4 0z'],
  upload: ['M8 10.4V3', 'M4.8 5.8 8 2.6l3.2 3.2', 'M2.8 10.8v2.6h10.4v-2.6'],
  x: ['M4 4l8 8', 'M12 4l-8 8'],
};

// An icon that says nothing by itself: what it stands for is in the text or in
// the label beside it.
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries(
      {viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true'})) {
    svg.setAttribute(key, value);
  }
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

// A button with a text, and perhaps an icon before it. `kind` is primary, plain,
// quiet or danger.
export function button(kind, text, onclick, iconName = null) {
  return h('button', {type: 'button', class: `button ${kind}`, onclick},
           iconName && icon(iconName), h('span', {}, text));
}

// A button that shows an icon alone; `label` names it to everybody who hovers
// over it or hears it.
export function iconButton(iconName, label, onclick) {
  return h('button', {type: 'button', class: 'button icon-only', title: label,
                      'aria-label': label, onclick}, icon(iconName));
}

// A text that can be copied, with the button that does it. The text can be
// selected where the browser does not let a page copy.
export function copyable(text, what) {
  const words = h('code', {class: 'copyable-text', tabindex: '0',
                           role: 'textbox', 'aria-readonly': 'true',
                           'aria-label': what}, text);
  const label = h('span', {}, 'Copy');
  const copy = h('button', {type: 'button', class: 'button plain copy',
                            'aria-label': `Copy ${what}`}, icon('copy'), label);
  const heard = h('span', {class: 'heard', role: 'status'});
  copy.addEventListener('click', async () => {
    const copied = await copyText(text, words);
    label.textContent = copied ? 'Copied' : 'Press Ctrl+C';
    copy.removeAttribute('aria-label');
    heard.textContent = copied ? `${what} is copied` : 'It is selected: press Ctrl+C';
    copy.replaceChild(icon(copied ? 'check' : 'copy'), copy.firstChild);
    setTimeout(() => {
      label.textContent = 'Copy';
      copy.setAttribute('aria-label', `Copy ${what}`);
      heard.textContent = '';
      copy.replaceChild(icon('copy'), copy.firstChild);
    }, 3000);
  });
  return h('div', {class: 'copyable'}, words, copy, heard);
}

async function copyText(text, words) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(words);
    return false;
  }
}
