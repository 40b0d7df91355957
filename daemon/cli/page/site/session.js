// Who may use this page: whoever opened the link that interlinkctl printed. Its
// one-time token stands behind the #, which is never sent; it is exchanged for a
// session at once and leaves the address, so that neither history nor a
// shoulder's glance gives it away. The session lasts as long as this tab.

const STORED = 'interlink-session';

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

// Opens this tab's session: that of the token in the address, or the one that it
// has. Returns what to tell if there is none, or else an empty text. The token
// is gone from the address whatever becomes of it.
export async function openSession() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
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
        return answer.message;
      }
    } catch {
      return 'The program behind this page does not answer.';
    }
  }
  return sessionKey() ? '' : 'This tab was not opened by a link of interlinkctl page.';
}
