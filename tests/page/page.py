"""The page of an account, as whoever uses it finds it: by the words on its buttons, not by
what they are made of.

Every page is watched while it is open: where its requests go, how many watches it has
open at once, and what the browser forbids it.
"""

import contextlib
import json
import re
import subprocess
import time
import urllib.parse

from webdriver import ELEMENT, SETTLE_SECONDS, Violation, WebDriverError

LINK = re.compile(r"http://\S+/#token=[\w-]+")
CLOSING_SECONDS = 2
WATCH = re.compile(r"/interlink\.v1\.\w+/Watch\w+$")

# The elements that can be used now: in the topmost dialog, if there is one. A name is
# what a screen reader calls it.
FIND = """
const [kind, name, index] = arguments;
const kinds = {
  button: 'button:not([role=switch]), summary, input[type=submit]',
  link: 'a[href]', switch: '[role=switch]', row: 'li.link, .window [role=row]',
  field: 'input, textarea, select', any: '*',
};
const nameOf = (element) => {
  if (element.dataset.name !== undefined) return element.dataset.name;
  const label = element.getAttribute('aria-label');
  if (label) return label;
  if (element.labels?.length) return element.labels[0].textContent.trim();
  return element.textContent.trim();
};
const dialogs = document.querySelectorAll('dialog[open]');
const root = dialogs[dialogs.length - 1] ?? document;
const all = [...root.querySelectorAll(kinds[kind])].filter(
    (element) => element.checkVisibility() && (name === null ||
      (name.startsWith('^') ? nameOf(element).startsWith(name.slice(1))
                            : nameOf(element) === name)));
return index === null ? all.length : (all[index] ?? null);
"""

# What the browser forbade, and what the page said for a moment, kept from before its
# first script runs.
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
window.faults = [];
window.addEventListener('error', (event) => window.faults.push(String(event.message)));
window.addEventListener('unhandledrejection', (event) =>
    window.faults.push(String(event.reason?.stack ?? event.reason)));
window.told = [];
document.addEventListener('DOMContentLoaded', () => new MutationObserver((changes) => {
  for (const {target, addedNodes} of changes) {
    if (!target.closest?.('.notices, .copyable')) continue;
    for (const node of addedNodes) window.told.push(node.textContent);
  }
}).observe(document, {childList: true, subtree: true}));
"""


def until(what, condition, seconds=SETTLE_SECONDS):
    """Waits for a condition and returns its value. What the browser cannot do yet, such as
    to click on what another element covers, is tried again."""
    deadline = time.monotonic() + seconds
    why = ""
    while True:
        try:
            value = condition()
            if value:
                return value
        except WebDriverError as error:
            why = f" ({error})"
        if time.monotonic() > deadline:
            raise Violation(f"not within {seconds} s: {what}{why}")
        time.sleep(0.05)


class Server:
    """An interlinkctl page."""

    def __init__(self, command, environment, log):
        self.log = log
        with open(log, "ab") as words:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE,
                                            stdout=words, stderr=words)
        self.link = until("interlinkctl page prints its link", self._newest_link)

    def _newest_link(self):
        if self.process.poll() is not None:
            raise Violation("interlinkctl page has ended: " + self.log.read_text())
        found = LINK.findall(self.log.read_text())
        return found[-1] if found else None

    def new_link(self):
        """What it prints when Enter is pressed."""
        before = self._newest_link()
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

        def link():
            newest = self._newest_link()
            return newest if newest != before else None

        return until("another link after Enter", link)

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Page:
    """One tab, open at a link of interlinkctl."""

    def __init__(self, browser, link, pictures):
        self.browser = browser
        self.pictures = pictures
        self.origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(link))
        self.requests = []  # URLs.
        self.open_watches = {}  # Request -> when it began.
        self.ended_watches = []  # (from, until), in seconds of the browser's clock.
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", source=NOTE_VIOLATIONS)
        browser.log("performance")
        browser.open(link)

    # ---- What there is.

    def find(self, kind, name, index=0):
        found = self.browser.run(FIND, kind, name, index)
        return found[ELEMENT] if found else None

    def count(self, kind, name=None):
        return self.browser.run(FIND, kind, name, None)

    def has(self, kind, name):
        return self.count(kind, name) > 0

    def text(self, selector="body"):
        return self.browser.run(
            "const e = document.querySelector(arguments[0]);"
            "return e?.checkVisibility() ? e.innerText : ''", selector)

    def row(self, name):
        """What a row of the interlinks says."""
        element = self.find("row", name)
        return self.browser.run("return arguments[0].innerText",
                                {ELEMENT: element}) if element else ""

    def colour(self, name):
        return self.browser.run(
            "return [...document.querySelectorAll('li.link')].find("
            "(row) => row.dataset.name === arguments[0])?.dataset.colour ?? ''", name)

    def focus(self):
        """What a screen reader calls what has the focus."""
        return self.browser.run(
            "const e = document.activeElement; return e.getAttribute('aria-label') ?? "
            "(e.labels?.length ? e.labels[0].textContent : e.textContent).trim()")

    # ---- What is waited for.

    def was_told(self, words):
        """Also what the page says for a few seconds only, and has taken back."""
        until(words, lambda: any(re.search(words, told)
                                 for told in self.browser.run("return window.told")))

    def sees(self, words, selector="body", seconds=SETTLE_SECONDS):
        pattern = re.compile(words, re.IGNORECASE)
        try:
            until(words, lambda: pattern.search(self.text(selector)), seconds)
        except Violation as violation:
            raise Violation(f"{violation}; it says:\n{self.text(selector)[:2000]}") from None

    def sees_no_more(self, words, selector="body"):
        pattern = re.compile(words, re.IGNORECASE)
        until(f"no more: {words}", lambda: not pattern.search(self.text(selector)))

    def sees_row(self, name, colour, seconds=SETTLE_SECONDS):
        try:
            until(f"{name} is {colour}", lambda: self.colour(name) == colour, seconds)
        except Violation as violation:
            raise Violation(f"{violation}; the list says:\n{self.text('main')}") from None

    def sees_no_row(self, name):
        until(f"{name} is gone", lambda: not self.has("row", name))

    def sees_number(self, digits, words=""):
        def is_there():
            row = self.browser.run(
                "return [...document.querySelectorAll('.window [role=row]')].find("
                "(row) => row.querySelector('.digits').textContent === arguments[0])?.innerText",
                digits)
            return row is not None and words in row
        until(f"number {digits} {words}", is_there)

    def sees_no_number(self, digits):
        until(f"number {digits} is gone", lambda: not self.browser.run(
            "return [...document.querySelectorAll('.window .digits')].some("
            "(cell) => cell.textContent === arguments[0])", digits))

    # ---- What is done.

    def click(self, name, kind="button"):
        def clicked():
            element = self.find(kind, name)
            if not element:
                return False
            self.browser.ask("POST", f"/element/{element}/click", {})
            return True
        try:
            until(f"a click on the {kind} {name!r}", clicked)
        except Violation as violation:
            raise Violation(f"{violation}; it says:\n{self.text()[:2000]}") from None

    def fill(self, label, text):
        element = until(f"a field {label!r}", lambda: self.find("field", label))
        if text and self.browser.ask("GET", f"/element/{element}/property/type") != "file":
            self.browser.ask("POST", f"/element/{element}/clear", {})
        self.browser.ask("POST", f"/element/{element}/value", {"text": text})

    def go_to(self, title):
        element = until(f"the way to {title}", lambda: self.find("link", f"^{title}"))
        self.browser.ask("POST", f"/element/{element}/click", {})
        until(f"the page {title}", lambda: self.text("h1") == title)

    def tab_to(self, name, most=80):
        """By keyboard alone; `name` is what the control is called."""
        for _ in range(most):
            if self.focus() == name:
                return
            self.browser.press("Tab")
        raise Violation(f"Tab does not lead to {name!r} but ends at {self.focus()!r}")

    @contextlib.contextmanager
    def hidden(self):
        """As long as another tab is before it."""
        own = self.browser.ask("GET", "/window")
        other = self.browser.ask("POST", "/window/new", {"type": "tab"})["handle"]
        self.browser.ask("POST", "/window", {"handle": other})
        yield
        self.browser.ask("DELETE", "/window")
        self.browser.ask("POST", "/window", {"handle": own})

    def picture(self, name):
        self.browser.screenshot(self.pictures / f"{name}.png")

    # ---- What was watched.

    def read_log(self):
        """Takes over what the browser has logged of the page's requests."""
        for entry in self.browser.log("performance"):
            message = json.loads(entry["message"])["message"]
            method, parameters = message["method"], message["params"]
            request = parameters.get("requestId")
            if method == "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                self.requests.append(url)
                if parameters.get("type") == "Document" and url.startswith(self.origin):
                    # What the document before it had open has ended with it.
                    for watch in list(self.open_watches):
                        self._end_watch(watch, parameters["timestamp"])
                if WATCH.search(url):
                    self.open_watches[request] = parameters["timestamp"]
            elif method in ("Network.loadingFinished", "Network.loadingFailed"):
                self._end_watch(request, parameters["timestamp"])
            elif method == "Network.webSocketCreated":
                self.requests.append(parameters["url"])

    def _end_watch(self, request, when):
        began = self.open_watches.pop(request, None)
        if began is not None:
            self.ended_watches.append((began, when))

    def most_watches(self):
        """How many were open at once. One that is being closed while the next one begins
        does not count: the browser takes a moment for it."""
        times = [(began, until - CLOSING_SECONDS) for began, until in self.ended_watches]
        times += [(began, float("inf")) for began in self.open_watches.values()]
        return max((sum(began <= moment < end for began, end in times)
                    for moment, _ in times), default=0)

    def check(self):
        """At the end of each case, whatever it was about."""
        self.read_log()
        for url in self.requests:
            if not url.startswith((self.origin + "/", f"blob:{self.origin}/", "data:,")) and (
                    not url.startswith("chrome")):
                raise Violation(f"a request leaves the origin: {url}")
            if "token" in url or "ilk1_" in url:
                raise Violation(f"a secret is in a URL that was sent: {url}")
        if self.most_watches() > 2:
            raise Violation(f"{self.most_watches()} watches were open at once")
        forbidden = self.browser.run("return window.violations ?? []")
        if forbidden:
            raise Violation(f"the browser forbade: {forbidden}")
        faults = self.browser.run("return window.faults ?? []")
        if faults:
            raise Violation(f"the page has faults: {faults}")

    def audit(self, axe, where):
        """Nothing that axe-core calls serious or critical."""
        if not axe:
            return
        found = self.browser.run(
            axe + "; return axe.run(document, {resultTypes: ['violations']}).then("
            "(result) => result.violations.filter((v) => ['serious', 'critical'].includes("
            "v.impact)).map((v) => `${v.id}: ${v.nodes.map((n) => n.target + ' ' + "
            "n.failureSummary).slice(0, 3).join('; ')}`))")
        if found:
            raise Violation(f"{where}: " + "\n    ".join(found))


def equal(value, expected):
    if value != expected:
        raise Violation(f"{value!r} instead of {expected!r}")
