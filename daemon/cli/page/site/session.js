// Who may use this page: whoever opened the link that interlinkctl printed. Its
// one-time token stands behind the #, which is never sent; it is exchanged for a
// session at once and leaves the address, so that neither history nor a
// shoulder's glance gives it away. The session lasts as long as this tab.

import {asSentence} from './prose.js';

const STORED = 'interlink-session';

// As the program itself advises.
export const FOR_NEW_LINK =
    'Press Enter where `interlinkctl page` runs, and open the new link.';

let whenEnded = () => {};

// Called once the program does not know this session any more.
export function onSessionEnd(listener) {
  whenEnded = listener;
}

export function sessionKey() {
  return sessionStorage.getItem(STORED) ?? '';
}

export function endSession() {
  sessionStorage.removeItem(STORED);
  whenEnded();
}

function tokenInAddress() {
  return new URLSearchParams(location.hash.slice(1)).get('token');
}

// Whether the address is that of a link that was not used here yet.
export function hasToken() {
  return tokenInAddress() !== null;
}

// Opens this tab's session: that of the token in the address, or the one that it
// has. Returns what to tell and to do if there is none, or else an empty text. The token
// is gone from the address whatever becomes of it.
export async function openSession() {
  const token = tokenInAddress();
  if (token) {
    history.replaceState(null, '', location.pathname);
    try {
      const response = await fetch('/session', {
        method: 'POST',
        headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({token}),
        cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer',
      });
      const answer = await response.json();
      if (response.ok) {
        sessionStorage.setItem(STORED, answer.session);
      } else if (!sessionKey()) {
        return asSentence(answer.message);
      }
    } catch {
      return `The program behind this page does not answer. ${FOR_NEW_LINK}`;
    }
  }
  return sessionKey() ? '' : `This tab was not opened by a link. ${FOR_NEW_LINK}`;
}
