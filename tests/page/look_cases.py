"""How the page looks: every state in both themes and on a narrow screen, read by axe-core,
with a screenshot of each. And the pictures of README.md.
"""

import page
from page import equal

WIDE, NARROW = 1280, 360
TITLES = ("Interlinks", "Numbers", "Dial", "Events", "Account")


def _company(stage, contact=None):
    """An account with something in every state that a list can show."""
    mike, john, tim, ann = stage.accounts_linked("Mike Brown", "John Smith", "Tim Andrews",
                                                 "Ann Lee", contact=contact)
    for digits, name, *more in (
            ("100", "Mike's desk"), ("201", "Reception"), ("202", "Board room", "--private"),
            ("203", "Sales"), ("204", "Kitchen", "--private"), ("205", "Night bell")):
        mike.ask("number", "add", digits, "--name", name, "--destination",
                 f"sip:{digits}@10.0.0.5", *more)
    mike.ask("number", "add", "206", "--name", "Door phone")
    for digits, name in (("100", "John's desk"), ("301", "Support"), ("302", "Accounting")):
        john.ask("number", "add", digits, "--name", name, "--destination",
                 f"sip:{digits}@10.1.0.5")
    tim.ask("number", "add", "401", "--name", "Warehouse", "--destination", "sip:4@10.2.0.5")
    ann.ask("number", "add", "501", "--name", "Workshop", "--destination", "sip:5@10.3.0.5")
    mike.ask("prefix", "John Smith", "8")
    return mike, john, tim, ann


def every_page_looks_well_in_both_themes_and_from_360_pixels(stage):
    mike, _, tim, ann = _company(stage)
    mike.ask("generate-key", "Warehouse Antwerp")
    mike.ask("pause", "Ann Lee")
    tim.kill()
    at_mike = stage.page(mike)
    at_mike.sees_row("Tim Andrews", "amber", seconds=60)
    at_mike.sees_row("Ann Lee", "amber")
    for dark, width in ((False, WIDE), (True, WIDE), (False, NARROW), (True, NARROW)):
        at_mike.browser.set_theme(dark)
        at_mike.browser.set_size(width, 800)
        name = f"{'dark' if dark else 'light'}-{width}"
        for title in TITLES:
            at_mike.go_to(title)
            _settle(at_mike, title)
            _look(at_mike, f"{title.lower()}-{name}", width)
        at_mike.click("Examine")
        at_mike.sees("(?s)ok.*fault", ".findings")
        _look(at_mike, f"examined-{name}", width)
        _dialogs(at_mike, name, width)


def an_account_that_is_new_explains_its_first_step(stage):
    mike = stage.account("Mike Brown")
    at_mike = stage.page(mike)
    for dark, width in ((False, WIDE), (True, NARROW)):
        at_mike.browser.set_theme(dark)
        at_mike.browser.set_size(width, 800)
        for title, words in (("Interlinks", "One account generates a key"),
                             ("Numbers", "Add number"), ("Dial", "Nothing to dial yet"),
                             ("Events", "Nothing has happened yet|newest first")):
            at_mike.go_to(title)
            at_mike.sees(words, "main")
            _look(at_mike, f"empty-{title.lower()}-{'dark' if dark else 'light'}-{width}", width)


def the_pictures_of_the_readme(stage):
    mike, john, tim, _ = _company(stage, "sip:{number}@pbx.{}.example")
    # As an account beyond one machine is set up, which needs no warning.
    mike.stop()
    mike.extra += ["--advertise", "pbx.mike.example:7443"]
    mike.start()
    for name in ("John Smith", "Tim Andrews", "Ann Lee"):
        mike.ask("wait", name, "--for", "green")
    mike.ask("generate-key", "Warehouse Antwerp")
    john.ask("pause", "Mike Brown")
    at_mike = stage.page(mike)
    at_mike.browser.set_size(1120, 540)
    at_mike.sees_row("John Smith", "amber")
    at_mike.picture("readme-interlinks")
    tim.ask("delete", "--yes", "Mike Brown")
    at_mike.sees_no_row("Tim Andrews")
    at_mike.browser.set_size(960, 540)
    at_mike.click("Generate new key")
    at_mike.fill("Name of this interlink", "Tim Andrews")
    at_mike.click("Generate key")
    at_mike.sees("This is a secret", "dialog")
    at_mike.click("Copy the key")
    at_mike.was_told("Copied")
    at_mike.picture("readme-key")
    at_mike.click("Done")
    at_mike.browser.set_size(1120, 540)
    john.ask("resume", "Mike Brown")
    at_mike.sees_row("John Smith", "green")
    at_mike.go_to("Numbers")
    at_mike.sees_number("206")
    page.until("no notices", lambda: not at_mike.text(".notices"))
    at_mike.picture("readme-numbers")
    at_mike.go_to("Dial")
    at_mike.sees_number("501")
    at_mike.picture("readme-dial")
    for name in ("interlinks", "key", "numbers", "dial"):
        size = (at_mike.pictures / f"readme-{name}.png").stat().st_size
        if size >= 100_000:
            raise page.Violation(f"readme-{name}.png has {size} bytes")


def _settle(at_mike, title):
    """The page has what it shows, and no notice of what was done covers it."""
    words = {"Interlinks": "Ann Lee", "Numbers": "Reception", "Dial": "Support",
             "Events": "Linked", "Account": "Root SHA-256"}[title]
    at_mike.sees(words, "main")
    page.until("no notices", lambda: not at_mike.text(".notices"))


def _look(at_mike, name, width):
    at_mike.picture(name)
    at_mike.audit(at_mike.axe, name)
    equal((name, at_mike.browser.run("return document.scrollingElement.scrollWidth <= innerWidth")),
          (name, True))
    # What is beyond the edge of a box of its own is lost as well.
    lost = at_mike.browser.run("""
      return [...document.querySelectorAll('button, a, input, h1, h2, .note, .trouble')].filter((e) => {
        const box = e.getBoundingClientRect();
        return e.checkVisibility({visibilityProperty: true}) && box.width > 1 && e.className !== 'skip' &&
            (box.right > innerWidth + 1 || box.left < -1);
      }).map((e) => `${e.tagName} ${e.textContent}`)""")
    equal((name, width, lost), (name, width, []))


def _dialogs(at_mike, name, width):
    at_mike.go_to("Interlinks")
    for opener in ("Generate new key", "Link to another account",
                   "Show key for Warehouse Antwerp", "Delete Ann Lee",
                   "Settings of John Smith"):
        at_mike.click(opener)
        page.until(opener, lambda: at_mike.text("dialog[open]"))
        at_mike.sees_no_more("Loading", "dialog")
        _look(at_mike, f"{opener.split(' ')[0].lower()}-{name}", width)
        at_mike.browser.press("Escape")
    at_mike.click("Rename John Smith")
    _look(at_mike, f"rename-{name}", width)
    at_mike.browser.press("Escape")
    at_mike.go_to("Numbers")
    for opener in ("Add number", "Edit 201", "Import CSV"):
        at_mike.click(opener)
        page.until(opener, lambda: at_mike.text("dialog[open]"))
        _look(at_mike, f"{opener.split(' ')[0].lower()}-{name}", width)
        at_mike.browser.press("Escape")
