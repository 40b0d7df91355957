// Imports numbers from a CSV file, chunk by chunk. Each chunk is a call of its
// own, so that an answered one is known to be stored whatever happens then.

import {send} from './connect.js';
import {actions, Dialog, Field, refusalNote, sentenceOf} from './dialog.js';
import {button, fill, h, icon, say} from './elements.js';
import {readNumbers, UnreadableCsv} from './number_csv.js';
import {asSentence, prose} from './prose.js';
import {count} from './words.js';

const LINES_PER_CHUNK = 500;  // As many as interlinkctl sends.
const MOST_LISTED = 1000;  // Refused lines.
const MOST_NAMED = 5;  // Of them, before the counts.

const COUNTS = ['created_count', 'updated_count', 'unchanged_count', 'skipped_count',
                'refused_count'];

// Reads the file and sends it; `onProgress` is called with the bytes read and the
// summary so far. With `isTrial` nothing is stored.
async function importFile(file, isTrial, signal, onProgress) {
  const summary = {refusals: []};
  for (const key of COUNTS) summary[key] = 0;
  let chunk = [];
  const flush = async () => {
    if (chunk.length === 0) return;
    const answer = await send('NumberService/ImportNumbers',
                              {entries: chunk, validate_only: isTrial},
                              {signal, timeout: 60000});
    chunk = [];
    for (const key of COUNTS) summary[key] += Number(answer[key]);
    summary.refusals.push(...answer.refusals);
  };
  try {
    for await (const {entry, refusal, bytes} of readNumbers(file)) {
      if (signal.aborted) break;
      if (refusal) {
        summary.refusals.push(refusal);
        summary.refused_count += 1;
        summary.skipped_count += 1;
      } else {
        chunk.push(entry);
      }
      if (chunk.length === LINES_PER_CHUNK) {
        await flush();
        onProgress(bytes, summary);
      }
    }
    if (!signal.aborted) await flush();
  } catch (error) {
    if (!signal.aborted) summary.failure = error;
  }
  summary.isStopped = signal.aborted;
  summary.refusals.sort((a, b) => Number(a.line) - Number(b.line));
  onProgress(file.size, summary);
  return summary;
}

function numbersIn(summary) {
  return summary.created_count + summary.updated_count + summary.unchanged_count;
}

// `done` is called after each import that has stored something.
export function openImport(done) {
  const dialog = new Dialog('Import numbers from a CSV file');
  const input = h('input', {type: 'file', accept: '.csv,.txt,text/csv,text/plain', autofocus: true});
  const file = new Field('File', input,
      'One line a number: number, name, destination, private, contact. A heading may name ' +
      'the columns in another order; a column that is not there leaves what is stored. ' +
      'At most 4096 characters a line.');
  const outcome = h('div', {class: 'import-outcome'});
  const buttons = actions();
  let running = null;
  dialog.closed.then(() => running?.abort());

  const offer = (...verbs) => fill(buttons, ...verbs);
  const offerStart = () => offer(
      button('plain', 'Close', () => dialog.close()),
      button('plain', 'Check only', () => run(true)),
      button('primary', 'Import', () => run(false)));

  async function run(isTrial) {
    if (!input.files[0]) {
      file.refuse('Choose a file first.');
      return;
    }
    const bar = h('progress', {max: '1', value: 0,
        'aria-label': isTrial ? 'Checking' : 'Importing'});
    const words = h('p', {class: 'summary'}, 'Reading…');
    fill(outcome, bar, words);
    running = new AbortController();
    offer(button('plain', 'Stop', () => running.abort()));
    buttons.firstChild.focus();
    const summary = await importFile(input.files[0], isTrial, running.signal,
        (bytes, soFar) => {
          bar.value = input.files[0].size ? bytes / input.files[0].size : 1;
          say(words, `${count(numbersIn(soFar), 'number')} ${isTrial ? 'checked' : 'stored'}`);
        });
    running = null;
    if (!isTrial) done();
    fill(outcome, ...report(summary, isTrial));
    if (!isTrial && summary.refused_count === 0 && !summary.failure && !summary.isStopped) {
      offer(button('primary', 'Done', () => dialog.close()));
    } else {
      offerStart();
    }
    buttons.lastChild.focus();
  }

  input.addEventListener('change', () => fill(outcome));
  offerStart();
  dialog.show(file.element, outcome, buttons);
}

// What became of it, and the next step.
function report(summary, isTrial) {
  const parts = [];
  if (summary.failure) parts.push(failureNote(summary.failure));
  if (summary.isStopped) {
    parts.push(h('p', {class: 'note warning'}, icon('alert'), h('span', {},
        isTrial ? 'Stopped.' : 'Stopped. What is stored stays. Import the file again to go on.')));
  }
  const hadAny = numbersIn(summary) + summary.refused_count > 0;
  if (hadAny) parts.push(h('p', {class: 'import-summary', role: 'status'}, countsInWords(summary, isTrial)));
  if (summary.refusals.length > 0) parts.push(...refusedLines(summary));
  return parts;
}

function failureNote(error) {
  if (error instanceof UnreadableCsv) {
    return h('p', {class: 'note refused', role: 'alert'}, icon('alert'), h('span', {}, error.message));
  }
  if (error.name === 'NotReadableError') {
    return h('p', {class: 'note refused', role: 'alert'}, icon('alert'), h('span', {},
        'The file has changed or cannot be read any more. Choose it again.'));
  }
  return error.reason === undefined
      ? h('p', {class: 'note refused', role: 'alert'}, icon('alert'), h('span', {}, sentenceOf(error)))
      : refusalNote(error);
}

// "Lines 3 and 5 are wrong, 2 of 20. "
function refusedInWords(summary) {
  const refused = summary.refused_count;
  if (refused === 0) return '';
  const named = summary.refusals.slice(0, MOST_NAMED).map(({line}) => String(line));
  const last = refused > named.length ? `${refused - named.length} more` : named.pop();
  const lines = named.length > 0 ? `${named.join(', ')} and ${last}` : last;
  return `${refused === 1 ? 'Line' : 'Lines'} ${lines} ${refused === 1 ? 'is' : 'are'} wrong, ` +
      `${refused} of ${numbersIn(summary) + summary.skipped_count}. `;
}

// Which lines are wrong comes first: it is what there is to do.
function countsInWords(summary, isTrial) {
  const others = summary.skipped_count - summary.refused_count;
  const refused = summary.refused_count;
  const counts = numbersIn(summary) === 0 && refused > 0 ? ['Nothing was imported'] : [
    `${count(summary.created_count, 'number')} ${isTrial ? 'would be added' : 'added'}`,
    `${summary.updated_count} changed`, `${summary.unchanged_count} as before`,
    ...(refused === 0 ? ['no line refused'] : [])];
  if (isTrial && counts.length === 1) counts[0] = 'Nothing would be imported';
  if (others > 0) {
    counts.push(`${count(others, 'good line')} ${isTrial ? 'would not be' : 'not'} ` +
                `stored because of ${refused === 1 ? 'it' : 'them'}`);
  }
  return refusedInWords(summary) + counts.join(', ') +
      (isTrial ? '. Nothing has been stored.' : '.');
}

function refusedLines(summary) {
  const listed = summary.refusals.slice(0, MOST_LISTED);
  const more = summary.refused_count - listed.length;
  return [
    h('ul', {class: 'refused-lines', tabindex: '0', 'aria-label': 'Refused lines'},
      ...listed.map(({line, message}) => h('li', {},
        h('span', {class: 'line'}, `Line ${line}`),
        h('span', {}, ...prose(asSentence(message)))))),
    ...(more > 0 ? [h('p', {class: 'hint'}, `And ${count(more, 'more refused line')}.`)] : []),
    h('p', {class: 'hint'}, `Correct the ${summary.refused_count === 1 ? 'line' : 'lines'} and ` +
      'import the whole file again: what is stored already stays as it is.'),
  ];
}
