"""What a case plays on: accounts with their daemons, an interlinkctl page for each, and
browsers. All of it ends with the case.
"""

import os
import signal
import subprocess
import sys

import accounts
import page
import webdriver

ADMINISTRATOR = "admin"
VIEWER = "viewer"


class Stage:
    """For one case."""

    def __init__(self, driver, programs, folder, pictures, axe):
        self.driver = driver
        self.programs = programs
        self.folder = folder
        self.pictures = pictures
        self.axe = axe
        self.accounts = []
        self.servers = []
        self.browsers = []
        self.pages = []

    def account(self, name, *extra):
        """A daemon that runs."""
        account = accounts.Account(name, self.programs, self.folder)
        account.extra = list(extra)
        self.accounts.append(account)
        account.start()
        return account

    def serve(self, account, *options):
        """An interlinkctl page for the account."""
        environment = {**os.environ, "INTERLINK_API_SOCKET": str(account.folder / "api.sock")}
        server = page.Server([self.programs / "interlinkctl", *options, "page"], environment,
                             account.folder / f"page-{len(self.servers)}.log")
        self.servers.append(server)
        return server

    def page(self, account, *options, **how):
        """A tab in a browser of its own, with the account's page in it."""
        server = self.serve(account, *options)
        browser = webdriver.Browser(self.driver, **how)
        self.browsers.append(browser)
        opened = page.Page(browser, server.link, self.pictures)
        opened.server = server
        opened.axe = self.axe
        self.pages.append(opened)
        opened.sees(account.name, ".account-name")
        return opened

    def accounts_linked(self, *names, contact=None):
        """The first account, linked with each of the others. `contact` is where their PBXs
        are, with {} for the first name of each."""
        hub, *others = [self.account(name, *(
            ["--contact", contact.replace("{}", name.split()[0].lower())] if contact else []))
            for name in names]
        for other in others:
            key = hub.ask("generate-key", other.name)["key"]
            other.ask("link", hub.name, key)
        for other in others:
            hub.ask("wait", other.name, "--for", "green")
            other.ask("wait", hub.name, "--for", "green")
        return [hub, *others]

    def api_over_tcp(self, account_name):
        """What a daemon needs for an API over TCP, and interlinkctl for each role."""
        folder = self.folder / "tls"
        folder.mkdir(parents=True)

        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, cwd=folder,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *curve, "-days", "2", "-subj", f"/CN={account_name}",
                "-keyout", "ca.key", "-out", "ca.pem")
        names = {"server": "DNS:localhost,IP:127.0.0.1",
                 VIEWER: "URI:interlink://role/viewer",
                 ADMINISTRATOR: "URI:interlink://role/admin"}
        for name, san in names.items():
            openssl("req", *curve, "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                    "-out", f"{name}.csr")
            (folder / f"{name}.ext").write_text(f"subjectAltName={san}\n")
            openssl("x509", "-req", "-in", f"{name}.csr", "-days", "1", "-CA", "ca.pem",
                    "-CAkey", "ca.key", "-CAcreateserial", "-extfile", f"{name}.ext",
                    "-out", f"{name}.pem")
        daemon = ["--api-listen", "127.0.0.1:0", "--api-cert", folder / "server.pem",
                  "--api-key", folder / "server.key", "--api-client-ca", folder / "ca.pem"]

        def control(account, role):
            return ["--api", account.at["api_tcp"], "--ca", folder / "ca.pem",
                    "--cert", folder / f"{role}.pem", "--key", folder / f"{role}.key"]

        return daemon, control

    def check(self):
        """What holds of every page in every case."""
        for opened in self.pages:
            opened.check()

    def show_failure(self, name):
        """A picture of each page, and the last words of each daemon."""
        for number, opened in enumerate(self.pages):
            try:
                opened.picture(f"failed-{name}-{number}")
                print(f"    see {self.pictures}/failed-{name}-{number}.png", file=sys.stderr)
            except Exception as error:  # pylint: disable=broad-except
                print(f"    no picture: {error}", file=sys.stderr)
        for account in self.accounts:
            print(f"--- {account.name}", *account.last_words(), sep="\n", file=sys.stderr)

    def end(self):
        for browser in self.browsers:
            try:
                browser.end()
            except webdriver.WebDriverError:
                pass  # It has ended by itself.
        for server in self.servers:
            server.end()
        for account in self.accounts:
            if account.is_running():
                account.process.send_signal(signal.SIGCONT)
                account.kill()
