"""A real Chromium, by the W3C's WebDriver protocol as Debian's chromium-driver speaks it
(www.w3.org/TR/webdriver2). It is JSON over HTTP, so nothing has to be installed for
it but the browser.
"""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # The standard's name for a reference.
KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "Space": " ",
        "Shift": "\ue008", "Backspace": "\ue003", "Down": "\ue015", "End": "\ue010",
        "Control": "\ue009"}
SETTLE_SECONDS = 60


class Violation(Exception):
    """What the page must do it does not, or the other way round."""


def obstacle():
    """What this machine lacks; None if nothing."""
    for program in ("chromium", "chromedriver"):
        if not shutil.which(program):
            return f"{program} is not installed; see deploy/install-dependencies.sh"
    return None


class Driver:
    """chromedriver, on a port of the system's choice."""

    def __init__(self, folder):
        self.folder = folder
        for _ in range(10):
            port = self._start()
            if port:
                self.address = f"http://127.0.0.1:{port}"
                return
        raise Violation("chromedriver does not start: " + self._words())

    def _start(self):
        """Its port; None if it has ended, as when the port that it was given for IPv6
        is another one's for IPv4."""
        self.log = open(self.folder / "chromedriver.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=self.log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + SETTLE_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            found = re.search(r"started successfully on port (\d+)", self._words())
            if found:
                return found[1]
            time.sleep(0.05)
        self.end()
        return None

    def _words(self):
        return (self.folder / "chromedriver.log").read_text(errors="replace")

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WebDriverError(value["error"], value["message"]) from None

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


class WebDriverError(Exception):
    """What the browser could not do; `kind` is the standard's name for it."""

    def __init__(self, kind, message):
        super().__init__(f"{kind}: {message.splitlines()[0] if message else ''}")
        self.kind = kind


class Browser:
    """A Chromium with a profile of its own."""

    def __init__(self, driver, dark=False, width=1280, height=860):
        self.driver = driver
        self.profile = tempfile.mkdtemp(prefix="profile-", dir=driver.folder)
        arguments = ["--headless=new", f"--user-data-dir={self.profile}",
                     f"--window-size={width},{height}", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update",
                     "--hide-scrollbars", "--force-color-profile=srgb"]
        if os.geteuid() == 0:  # Its sandbox wants a user who is not root.
            arguments.append("--no-sandbox")
        arguments.append("--disable-dev-shm-usage")
        answer = driver.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": arguments,
                                   "perfLoggingPrefs": {"enableNetwork": True}},
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
        }}})
        self.path = f"/session/{answer['sessionId']}"
        self.set_theme(dark)
        self.set_size(width, height)
        self.cdp("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])

    def ask(self, method, path, body=None):
        return self.driver.ask(method, self.path + path, body)

    def cdp(self, command, **parameters):
        """What WebDriver has no words for, in those of the DevTools protocol."""
        return self.ask("POST", "/goog/cdp/execute",
                        {"cmd": command, "params": parameters})

    def set_theme(self, dark):
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def set_size(self, width, height, scale=1):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=scale, mobile=False)

    def open(self, url):
        self.ask("POST", "/url", {"url": url})

    def url(self):
        return self.ask("GET", "/url")

    def run(self, script, *arguments):
        """The value that the script returns; a promise is waited for."""
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def log(self, kind):
        """What has been logged since it was read last."""
        return self.ask("POST", "/se/log", {"type": kind})

    def press(self, *keys):
        """One after the other, but Shift+Tab and the like at once."""
        for key in keys:
            *held, last = key.split("+") if len(key) > 1 else [key]
            values = [KEYS.get(part, part) for part in (*held, last)]
            downs = [{"type": "keyDown", "value": value} for value in values]
            ups = [{"type": "keyUp", "value": value} for value in reversed(values)]
            self.ask("POST", "/actions", {"actions": [
                {"type": "key", "id": "keyboard", "actions": downs + ups}]})

    def type(self, text):
        """At where the focus is."""
        actions = []
        for character in text:
            actions += [{"type": "keyDown", "value": character},
                        {"type": "keyUp", "value": character}]
        self.ask("POST", "/actions", {"actions": [
            {"type": "key", "id": "keyboard", "actions": actions}]})

    def screenshot(self, path):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.ask("GET", "/screenshot")))

    def end(self):
        self.driver.ask("DELETE", self.path)
