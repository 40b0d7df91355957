// How the daemon's sentences stand on the page. They are written for a terminal
// as well: an error begins with its reason, settings are named as flags, and
// commands stand between backticks. Whoever looks at the page may have no command
// line, so a setting has its name here, by which an administrator asks for it.

import {fill, h} from './elements.js';

// The API's reason before a sentence, which is shown beside it or not at all.
const REASON = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+: /;
const FLAG = /(^|[\s("])--([a-z][a-z-]*[a-z])/g;
// A word, not code such as sip:201@pbx.example.net.
const FIRST_WORD = /^[a-z]+(?=[\s,';]|$)/;

function settingsByName(text) {
  return text.replace(FLAG, '$1the daemon’s “$2” setting');
}

// Text outside and code inside of backticks, in turns.
function partsOf(text) {
  return text.split('`');
}

// A sentence of its own: without the reason, with a capital and a full stop.
export function asSentence(text) {
  const words = partsOf(text.trim().replace(REASON, '')).map(
      (part, place) => (place % 2 === 0 ? settingsByName(part) : part)).join('`');
  if (words === '') return '';
  const capital = FIRST_WORD.test(words) ? words[0].toUpperCase() + words.slice(1) : words;
  return /[.!?]`?$/.test(capital) ? capital : `${capital}.`;
}

// The same as nodes, with its commands as code.
export function prose(text) {
  return partsOf(text).map((part, place) => (place % 2 === 0 ? part : h('code', {}, part)));
}

// Shows it only if it differs, so that a screen reader hears no repetition.
export function sayProse(element, text) {
  if (element.textContent !== text.replaceAll('`', '')) fill(element, ...prose(text));
}
