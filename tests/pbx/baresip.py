"""Phones with sound: baresip speaks a tone, and what comes out of its ear is kept."""

import math
import struct
import wave

import unpacked
from network import until
from phones import PORT
from processes import end, start

RATE = 8000  # Samples a second of G.711.
CONFIG = """sip_listen {address}:{port}
net_interface {address}
rtp_ports 31000-31098
audio_source aufile,{folder}/mouth.wav
audio_player aubridge,ear
audio_alert aubridge,bell
snd_path {folder}
audio_buffer 20-160
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_app account.so
module_app menu.so
"""


def write_tone(path, hertz, seconds):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(
            struct.pack("<h", int(8000 * math.sin(2 * math.pi * hertz * i / RATE)))
            for i in range(seconds * RATE)))


def share_of_tone(path, hertz):
    """How much of what was heard is that tone, 0 to 1."""
    with wave.open(str(path)) as file:
        frames = file.readframes(file.getnframes())
    samples = [s for s, in struct.iter_unpack("<h", frames[:len(frames) & ~1])]
    energy = sum(s * s for s in samples)
    if len(samples) < RATE / 4 or energy == 0:
        return 0.0
    real = sum(s * math.cos(2 * math.pi * hertz * i / RATE)
               for i, s in enumerate(samples))
    imaginary = sum(s * math.sin(2 * math.pi * hertz * i / RATE)
                    for i, s in enumerate(samples))
    return 2 * (real * real + imaginary * imaginary) / len(samples) / energy


class Baresip:
    """A phone at the address of `phone`, that answers at once, or dials."""

    def __init__(self, phone, hertz):
        self.folder = phone.folder / "baresip"
        self.folder.mkdir(parents=True)
        write_tone(self.folder / "mouth.wav", hertz, 10)
        (self.folder / "contacts").touch()
        (self.folder / "accounts").write_text(
            f"<sip:{phone.number}@127.0.0.1:5060>;auth_user=phone;"
            "auth_pass=secret;regint=0;answermode=auto;audio_codecs=PCMU\n")
        (self.folder / "config").write_text(CONFIG.format(
            address=phone.address, port=PORT, folder=self.folder,
            modules=unpacked.PHONES / "usr/lib/baresip/modules"))
        self.command = phone.place.command(
            unpacked.PHONES / "bin/baresip", "-f", self.folder)
        self.process = None

    def start(self, *arguments):
        """Waits until it can be called; with "-e", "/dial URI" it then dials."""
        self.process = start([*self.command, *arguments], self.folder / "log")
        until(f"baresip of {self.folder}",
              lambda: "baresip is ready" in self.words())

    def ear(self):
        """The file of what it has heard."""
        return next(self.folder.glob("dump-*-dec.wav"), None)

    def words(self):
        return (self.folder / "log").read_text(errors="replace")

    def end(self):
        if self.process:
            end(self.process, patience=10)
