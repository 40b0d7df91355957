// How things read: times, spans and rows, in the words that interlinkctl uses.

export function count(n, noun, plural = `${noun}s`) {
  return `${Number(n).toLocaleString('en').replaceAll(',', '\u00a0')} ` +
      (Number(n) === 1 ? noun : plural);
}

export function spanInWords(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return count(Math.floor(s / 60), 'minute');
  if (s < 86400) return count(Math.floor(s / 3600), 'hour');
  return count(Math.floor(s / 86400), 'day');
}

// Rounded, so that a week that has just begun is one of 7 days.
export function spanLeftInWords(seconds) {
  if (seconds < 60) return spanInWords(seconds);
  if (seconds + 30 < 3600) return spanInWords(seconds + 30);
  if (seconds + 1800 < 86400) return spanInWords(seconds + 1800);
  return spanInWords(seconds + 43200);
}

function secondsSince(time) {
  return (Date.now() - new Date(time)) / 1000;
}

export function agoInWords(time) {
  const seconds = secondsSince(time);
  return seconds < 5 ? 'just now' : `${spanInWords(seconds)} ago`;
}

export function clockTime(time) {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  const clock = date.toLocaleTimeString('en-GB');
  return isToday ? clock : `${dayInWords(date)} ${clock}`;
}

export function dayInWords(time) {
  return new Date(time).toLocaleDateString(
      'en-GB', {day: 'numeric', month: 'short', year: 'numeric'});
}

// Of a Duration of the API, such as "0.012s".
export function secondsOf(duration) {
  return Number.parseFloat(duration ?? '0');
}

const COLOURS = {
  INDICATOR_GREY: 'grey',
  INDICATOR_GREEN: 'green',
  INDICATOR_AMBER: 'amber',
  INDICATOR_RED: 'red',
};

export function colourOf(row) {
  return COLOURS[row.indicator] ?? 'grey';
}

export function is(row, state) {
  return row.state === `INTERLINK_STATE_${state}`;
}

export function keyLifeInWords(row) {
  if (!row.key_expire_time) return 'the key has no end';
  return `the key expires in ${spanLeftInWords(-secondsSince(row.key_expire_time))}`;
}

function roundTripInWords(row) {
  if (!row.round_trip) return '';
  const milliseconds = Math.floor(secondsOf(row.round_trip) * 1000);
  return milliseconds < 1 ? ', less than 1 ms' : `, ${milliseconds} ms`;
}

function healthInWords(row) {
  switch (row.health) {
    case 'INTERLINK_HEALTH_CONNECTED':
      return row.next_try_time ? 'reconnecting' : `connected${roundTripInWords(row)}`;
    case 'INTERLINK_HEALTH_UNREACHABLE': return 'not reachable';
    case 'INTERLINK_HEALTH_ORPHANED': return 'forgotten by the other account';
    case 'INTERLINK_HEALTH_PAUSED':
      return row.paused ? 'paused' : 'paused by the other account';
    default: return 'linked';
  }
}

export function stateInWords(row) {
  const pause = row.paused ? ', paused' : '';
  if (is(row, 'PENDING')) return `waiting for the other account${pause}`;
  if (is(row, 'LINKING')) return `linking${pause}`;
  if (is(row, 'ESTABLISHED')) return healthInWords(row);
  if (is(row, 'FAILED')) return 'failed';
  return 'removed';
}

// Of a row whose pause this account has just begun or ended.
export function pauseInWords(row) {
  return row.paused ? `${row.name} is paused: no calls in either direction.`
                    : `${row.name} is resumed.`;
}

// What the colour means, for whoever hears of a change.
export function colourInWords(row) {
  return `${colourOf(row)}, ${stateInWords(row)}`;
}

export function nextTryInWords(row) {
  if (!row.next_try_time) return '';
  const seconds = -secondsSince(row.next_try_time);
  return seconds < 1 ? 'trying now' : `next try in ${spanLeftInWords(seconds)}`;
}

// ", green", ", all green" or ": 2 green, 1 amber", behind the number of rows; the worst
// comes last.
export function coloursInWords(rows) {
  const counts = new Map();
  for (const row of rows) {
    counts.set(colourOf(row), (counts.get(colourOf(row)) ?? 0) + 1);
  }
  if (counts.size === 1) return `, ${rows.length > 1 ? 'all ' : ''}${colourOf(rows[0])}`;
  return ': ' + ['green', 'grey', 'amber', 'red']
      .filter((colour) => counts.has(colour))
      .map((colour) => `${counts.get(colour)} ${colour}`).join(', ');
}
