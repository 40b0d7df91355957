"""Somebody in the place of a company's daemon, who tells its PBX what a case wants: by
HTTP as text, by SIP as the Contact of a redirect.

As a program, in a namespace: impostor.py PORT FOLDER answers every question that comes
by HTTP with the file FOLDER/answer, and writes it down in FOLDER/questions.
"""

import http.server
import pathlib
import sys

from network import until
from phones import Sipp
from processes import end, start


class Impostor:
    """`http_port` and `sip` (address, port) are where the PBX asks; either may be None."""

    def __init__(self, place, folder, http_port, sip):
        self.place = place
        self.folder = folder
        self.sip = sip
        self.count = 0
        self.redirector = None
        folder.mkdir()
        (folder / "answer").touch()
        self.process = start(place.command(sys.executable, __file__, http_port, folder),
                             folder / "log") if http_port else None

    def wait(self):
        """Until it answers."""
        if self.process:
            until("the impostor answers", (self.folder / "ready").exists)

    def answer(self, text):
        """From now on."""
        (self.folder / "answer").write_text(text)
        if not self.sip:
            return
        if self.redirector:
            self.redirector.end()
        self.count += 1
        address, port = self.sip
        self.redirector = Sipp(
            self.place, address, self.folder / f"sip-{self.count}", "refuser", "-p",
            str(port), "-t", "t1", keys={"status": "302 Moved Temporarily",
                                         "more": f"Contact: {text}"})
        until("it redirects", lambda: self.redirector.listens(port, "tcp"))

    def questions(self):
        """That came by HTTP: paths with their queries."""
        path = self.folder / "questions"
        return path.read_text().splitlines() if path.exists() else []

    def end(self):
        if self.redirector:
            self.redirector.end()
        if self.process:
            end(self.process)


def main(port, folder):
    folder = pathlib.Path(folder)

    class Page(http.server.BaseHTTPRequestHandler):
        """Answers with what the file says at the moment."""

        def do_GET(self):
            with open(folder / "questions", "a") as questions:
                questions.write(f"{self.path}\n")
            text = (folder / "answer").read_text()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Page)
    (folder / "ready").touch()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
