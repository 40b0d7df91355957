// The API of the account's daemon, by the Connect protocol with JSON
// (connectrpc.com/docs/protocol), which interlinkctl puts in front of it.

import {asSentence} from './prose.js';
import {endSession, sessionKey} from './session.js';

const FLAG_END = 2;  // The last message of a stream says how it ended.
const HEADER_BYTES = 5;

// Why something was not done. `reason` is one of the API's reasons, `sentence`
// is for the administrator, with the next step. `isBreak`: nobody answered who
// could refuse it.
export class Refusal extends Error {
  constructor(code, reason, sentence) {
    super(sentence);
    this.code = code;
    this.reason = reason;
    this.sentence = sentence;
  }
  get isBreak() {
    return ['unavailable', 'deadline_exceeded', 'program_gone'].includes(this.code);
  }
}

// Who is away, and what to do if that lasts.
export const AWAY = {
  program: ['The program behind this page does not answer.',
            'If `interlinkctl page` has ended, start it again, and open the link that it prints.'],
  daemon: ['The daemon does not answer.',
           'If the daemon stays away, look on its machine for the cause, such as by ' +
           '`systemctl status interlinkd`, and start it.'],
};
const NO_PROGRAM = AWAY.program.join(' ');
const NO_DAEMON = AWAY.daemon.join(' ');
const NO_ANSWER = 'The daemon did not answer in time. Look whether it was done, ' +
    'and try again if not.';

// Names of the API's reasons are capitals; its messages begin with one.
const REASONED = /^([A-Z][A-Z0-9_]+): (.*)$/s;

// Of the API's error, in its JSON form.
function refusalOf({code = 'unknown', message = '', details = []}) {
  const [, reasonInMessage = '', rest = message] = REASONED.exec(message) ?? [];
  const named = details.find((detail) => detail.debug?.reason)?.debug.reason;
  const reason = named ?? reasonInMessage;
  // interlinkctl's own words for it speak of its options and of sockets.
  if (code === 'unavailable' && ['', 'DAEMON_UNREACHABLE'].includes(reason)) {
    return new Refusal(code, '', NO_DAEMON);
  }
  if (reason === '' && code === 'deadline_exceeded') {
    return new Refusal(code, 'NO_ANSWER', NO_ANSWER);
  }
  return new Refusal(code, reason, asSentence(rest || code.replaceAll('_', ' ')));
}

async function post(method, type, body, signal, timeout) {
  const headers = {
    'Authorization': `Bearer ${sessionKey()}`,
    'Connect-Protocol-Version': '1',
    'Content-Type': type,
  };
  if (timeout) headers['Connect-Timeout-Ms'] = String(timeout);
  let response;
  try {
    response = await fetch(`/interlink.v1.${method}`, {
      method: 'POST', headers, body, signal, cache: 'no-store',
      credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal('program_gone', '', NO_PROGRAM);
  }
  if (response.status === 401) endSession();
  return response;
}

async function failureOf(response) {
  let error = null;
  try {
    error = await response.json();
  } catch {
    // Not the API's words: those of the server itself, by its status.
  }
  if (error?.code) return refusalOf(error);
  return refusalOf({code: response.status >= 500 ? 'unavailable' : 'unknown',
                    message: `the answer was HTTP ${response.status}`});
}

// Asks once. `method` is such as InterlinkService/ListInterlinks; `timeout` is in
// milliseconds. Throws a Refusal.
export async function call(method, request = {}, {timeout = 20000, signal} = {}) {
  const response = await post(method, 'application/json', JSON.stringify(request),
                              signal, timeout);
  if (!response.ok) throw await failureOf(response);
  try {
    return await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal('program_gone', '', NO_PROGRAM);
  }
}

function envelope(request) {
  const text = new TextEncoder().encode(JSON.stringify(request));
  const bytes = new Uint8Array(HEADER_BYTES + text.length);
  new DataView(bytes.buffer).setUint32(1, text.length);
  bytes.set(text, HEADER_BYTES);
  return bytes;
}

// Sends the only message of a client stream, and returns the only answer.
export async function send(method, request, options = {}) {
  let answer = null;
  for await (const message of stream(method, request, options)) answer = message;
  if (answer === null) throw new Refusal('internal', '', NO_ANSWER);
  return answer;
}

// The messages of a stream as they come, until it ends or `signal` aborts it.
// Throws a Refusal if it ends with an error, or breaks off.
export async function* stream(method, request, {signal, timeout} = {}) {
  const response = await post(method, 'application/connect+json',
                              envelope(request), signal, timeout);
  if (!response.ok || !response.body) throw await failureOf(response);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const frames = new Frames();
  try {
    while (true) {
      const {value, done} = await reader.read();
      if (done) throw new Refusal('unavailable', '', NO_DAEMON);
      for (const {flags, payload} of frames.add(value)) {
        const message = JSON.parse(decoder.decode(payload) || '{}');
        if (!(flags & FLAG_END)) {
          yield message;
        } else if (message.error) {
          throw refusalOf(message.error);
        } else {
          return;
        }
      }
    }
  } catch (error) {
    if (error instanceof Refusal || signal?.aborted) throw error;
    throw new Refusal('program_gone', '', NO_PROGRAM);
  } finally {
    reader.cancel().catch(() => {});
  }
}

// Cuts a stream of bytes into its messages.
class Frames {
  #bytes = new Uint8Array(0);

  // The messages that are complete with these bytes.
  * add(bytes) {
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    let at = 0;
    while (joined.length - at >= HEADER_BYTES) {
      const length = new DataView(joined.buffer, at).getUint32(1);
      const end = at + HEADER_BYTES + length;
      if (joined.length < end) break;
      yield {flags: joined[at], payload: joined.subarray(at + HEADER_BYTES, end)};
      at = end;
    }
    this.#bytes = joined.slice(at);
  }
}
