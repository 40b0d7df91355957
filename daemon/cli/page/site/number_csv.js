// Internal numbers in a CSV file, a line each, as interlinkctl reads them.
//
// The first line may be a heading that names the columns in any order. Without
// one their order is number, name, destination, private, contact. A line changes
// what it has a field for, and leaves the rest of its number as it is.

const COLUMNS = ['number', 'name', 'destination', 'private', 'contact'];
const MOST_IN_LINE = 4096;
const SAVE_AS_UTF8 = 'save it as UTF-8 (“CSV UTF-8” in a spreadsheet) and import it again';

// Nothing from here on can be read.
export class UnreadableCsv extends Error {}

// The lines of a file that are not blank, each {entry} or {refusal: {line, message}},
// with the `bytes` that have been read so far. Throws an UnreadableCsv.
export async function* readNumbers(file) {
  const reader = new NumberReader();
  let isAny = false;
  for await (const {text, line, bytes} of readLines(file)) {
    const read = reader.read(text, line);
    if (!read) continue;
    isAny = true;
    yield {...read, bytes};
  }
  if (!isAny) {
    throw new UnreadableCsv('The file has no numbers; each is a line such as 201,Reception.');
  }
}

async function* readLines(file) {
  const decoder = new TextDecoder('utf-8', {fatal: true});
  const reader = file.stream().getReader();
  let rest = '';
  let line = 0;
  let bytes = 0;
  for (let isEnd = false; !isEnd;) {
    const {value, done} = await reader.read();
    isEnd = done;
    if (bytes === 0 && value) checkMark(value);
    bytes += value?.length ?? 0;
    rest += decoded(decoder, value, done);
    if (rest.includes('\0')) {
      throw new UnreadableCsv(`This is UTF-16 text, or no text at all; ${SAVE_AS_UTF8}.`);
    }
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = done ? '' : lines.pop();
    for (const text of lines) {
      line += 1;
      yield {text: text.replace(/\r$/, ''), line, bytes};
    }
  }
}

function checkMark(bytes) {
  const mark = (bytes[0] << 8) | bytes[1];
  if (mark === 0xfffe || mark === 0xfeff) {
    throw new UnreadableCsv(`This is UTF-16 text; ${SAVE_AS_UTF8}.`);
  }
}

function decoded(decoder, value, done) {
  try {
    return decoder.decode(value, {stream: !done});
  } catch {
    throw new UnreadableCsv('This is text in Latin-1 (ISO 8859-1, Windows-1252) or another ' +
                            `old encoding; ${SAVE_AS_UTF8}.`);
  }
}

class NumberReader {
  #separator = null;
  #columns = COLUMNS;
  #isFirst = true;
  #lineOf = new Map();  // Number -> the line that has it.

  // {entry} or {refusal}; null if the line has none.
  read(text, line) {
    const refuse = (message) => ({refusal: {line, message}});
    if (text.length > MOST_IN_LINE) {
      return refuse(`the line is longer than ${MOST_IN_LINE} characters`);
    }
    if (this.#isFirst && /^\s*[{[]/.test(text)) {
      throw new UnreadableCsv('This is JSON. The CSV that is read here is what “Export CSV” writes.');
    }
    this.#separator ??= firstSeparator(text);
    let fields;
    try {
      fields = splitLine(text, this.#separator ?? ',');
    } catch (error) {
      return refuse(error.message);
    }
    if (fields.every((field) => field === '')) return null;
    if (this.#isFirst) {
      const heading = fields.map((field) => field.toLowerCase());
      if (heading[0] === 'sep=') return null;  // For Excel; the next line is the first.
      this.#isFirst = false;
      if (isHeading(heading)) {
        this.#columns = columnsOf(heading);
        return null;
      }
    }
    const {entry, error} = this.#entryOf(fields, line);
    if (error) return refuse(error);
    const former = this.#lineOf.get(entry.number.number);
    if (former) return refuse(`number ${entry.number.number} is in line ${former} already`);
    this.#lineOf.set(entry.number.number, line);
    return {entry};
  }

  #entryOf(fields, line) {
    const number = {};
    const mask = [];
    for (const [place, field] of fields.entries()) {
      const column = this.#columns[place] ?? '';
      if (column === '') {
        if (field === '') continue;
        const separator = this.#separator ?? ',';
        return {error: `there are ${fields.length} fields instead of ` +
                `${this.#columns.join(separator)}; quote a field that holds a ` +
                (separator === '\t' ? 'tab' : separator)};
      }
      let value = field;
      if (column === 'private') {
        if (field === '') continue;
        value = flagOf(field);
        if (value === null) {
          return {error: `private is “${field}” instead of true or false`};
        }
      }
      if (column !== 'number') mask.push(column);
      number[column] = value;
    }
    return {entry: {line: String(line), number, update_mask: mask.join(',')}};
  }
}

function flagOf(text) {
  const word = text.toLowerCase();
  if (['true', 'yes', 'y', '1'].includes(word)) return true;
  if (['false', 'no', 'n', '0'].includes(word)) return false;
  return null;
}

// A line of data begins with a number, right or wrong; a heading with a word.
function isHeading(fields) {
  if (/\d/.test(fields[0])) return false;
  return fields[0] !== '' || fields.includes('number');
}

function columnsOf(heading) {
  const known = `the columns are ${COLUMNS.join(',')}, in any order.`;
  for (const [place, column] of heading.entries()) {
    if (column === '') continue;
    if (!COLUMNS.includes(column)) {
      throw new UnreadableCsv(`The heading names a column “${column}”; ${known}`);
    }
    if (heading.indexOf(column) !== place) {
      throw new UnreadableCsv(`The heading names the column “${column}” twice.`);
    }
  }
  if (!heading.includes('number')) {
    throw new UnreadableCsv(`The heading does not name the column “number”; ${known}`);
  }
  return heading;
}

// A comma, a semicolon (where commas are for decimals), or a tab.
function firstSeparator(text) {
  return text.replace(/"[^"]*"/g, '').match(/[,;\t]/)?.[0] ?? null;
}

// The fields of a line (RFC 4180). No field spans lines, so that a forgotten
// quote costs one line and not the rest of the file.
function splitLine(text, separator) {
  const fields = [];
  const space = separator === '\t' ? / *$/ : /[ \t]*$/;
  let at = 0;
  while (true) {
    while (text[at] === ' ' || (text[at] === '\t' && separator !== '\t')) at += 1;
    let field = '';
    let end;
    if (text[at] === '"') {
      [field, at] = quotedField(text, at);
      while (text[at] === ' ' || (text[at] === '\t' && separator !== '\t')) at += 1;
      if (at < text.length && text[at] !== separator) {
        throw new Error('a quoted field goes on behind its closing quote');
      }
      end = at < text.length ? at : -1;
    } else {
      end = text.indexOf(separator, at);
      field = text.slice(at, end < 0 ? undefined : end).replace(space, '');
      if (field.includes('"')) {
        throw new Error('a quote stands in a field that does not begin with one');
      }
    }
    fields.push(field);
    if (end < 0) return fields;
    at = end + 1;
  }
}

function quotedField(text, start) {
  const match = /^"((?:[^"]|"")*)"/.exec(text.slice(start));
  if (!match) throw new Error('a quoted field is not closed on its line');
  return [match[1].replaceAll('""', '"'), start + match[0].length];
}

// How many fields a spreadsheet that opens the file would take for formulas (the signs are
// those of the phone book). They stand in it as they are: with a guard before them they would
// not be read back as they were, and +493012345 is a good destination.
export function formulasIn(numbers) {
  return numbers.flatMap(({name, destination}) => [name, destination]).filter(
      (field) => /^[=+\-@＝＋－＠]/.test(field)).length;
}

// The same, written.
export function csvOf(numbers) {
  const quoted = (field) => (/[,;\t"]|^\s|\s$/.test(field)
      ? `"${field.replaceAll('"', '""')}"` : field);
  const lines = numbers.map((number) => COLUMNS.map(
      (column) => quoted(String(number[column] ?? ''))).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`;
}
