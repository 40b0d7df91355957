"""What the page says: each sentence once, true, and in words that its reader knows."""

import page
from page import equal

EMPTY_NAME = "A name of 1 to 64 characters is needed."
EMPTY_NUMBER = "A number of 1 to 15 digits is needed."

# Of text that is cut off at the edge of its box.
CUT_OFF = """
  return [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility() &&
    (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)).map(
    (e) => e.textContent);
"""

# The notices of what happened, from now on.
def _link(at, name, key):
    at.click("Link to another account")
    at.fill("Name of this interlink", name)
    at.fill("Authorization key", key)
    at.click("Link")


def _no_flags(at, selector):
    """No text of a terminal: neither flags nor marks of code."""
    found = page.re.findall(r"--[a-z]\S*|`|\b[A-Z]+_[A-Z_]+: ", at.text(selector))
    if found:
        raise page.Violation(f"the page speaks as a terminal does: {found}")


def a_key_that_was_entered_before_is_not_said_to_link_now(stage):
    mike, john = stage.account("Mike Brown"), stage.account("John Smith")
    key = mike.ask("generate-key", "John")["key"]
    at_john = stage.page(john)
    _link(at_john, "Mike", key)
    at_john.sees("Linked with Mike Brown", "dialog")
    at_john.click("Done")
    at_john.sees_row("Mike", "green")
    _link(at_john, "mike", key)
    at_john.sees("This key was entered before: Mike has been linked with Mike Brown since .*"
                 "Nothing has changed", "dialog")
    at_john.click("Done")
    equal(len(john.rows()), 1)


def a_warning_names_the_setting_and_no_claim_contradicts_it(stage):
    """Both accounts are told at an address of this machine alone, and so is their contact."""
    mike, john = stage.account("Mike Brown"), stage.account("John Smith")
    at_mike, at_john = stage.page(mike), stage.page(john)
    at_mike.click("Generate new key")
    at_mike.fill("Name of this interlink", "John")
    at_mike.click("Generate key")
    at_mike.sees("nobody beyond this machine.*set the daemon’s “advertise” setting to", "dialog")
    _no_flags(at_mike, "dialog")
    _link(at_john, "Mike", mike.ask("show-key", "John")["key"])
    at_john.sees("Linked with Mike Brown. You can dial its internal numbers", "dialog")
    at_john.sees("set the daemon’s “contact” setting to", "dialog .note.warning")
    if "each other" in at_john.text("dialog"):
        raise page.Violation("a warning stands below its contradiction")
    _no_flags(at_john, "dialog")
    # Nor does a notice tell what the dialog does.
    equal(at_john.text(".notices"), "")
    at_john.picture("linked-with-a-warning")
    at_john.click("Done")
    # Without a warning it is said of both.
    tim = stage.account("Tim Andrews", "--contact", "sip:{number}@pbx.tim.example")
    at_tim = stage.page(tim)
    _link(at_tim, "Mike", mike.ask("generate-key", "Tim")["key"])
    at_tim.sees("Linked with Mike Brown. You can dial each other’s internal numbers now", "dialog")
    equal(at_tim.text("dialog .note.warning"), "")


def an_examination_speaks_to_an_administrator(stage):
    mike, _, tim = stage.accounts_linked("Mike Brown", "John Smith", "Tim Andrews")
    tim.kill()
    at_mike = stage.page(mike)
    at_mike.sees_row("Tim Andrews", "amber", seconds=60)
    at_mike.sees("2 interlinks: 1 green, 1 amber", "main .summary")
    at_mike.go_to("Account")
    at_mike.click("Examine")
    at_mike.sees("(?s)Reached by other accounts.*Where calls go.*Tim Andrews: Network", ".findings")
    _no_flags(at_mike, ".findings")
    text = at_mike.text(".findings")
    if page.re.search(r"\bpeers?\b", text):
        raise page.Violation(f"an administrator knows no peer: {text}")
    lower = [line for line in text.splitlines() if page.re.match("[a-z]", line)
             and line not in ("ok", "warning", "fault", "not examined")]
    equal(lower, [])


def events_speak_to_an_administrator(stage):
    mike, john, tim = stage.accounts_linked("Mike Brown", "John Smith", "Tim Andrews")
    # The event of a refusal has the reason before its sentence.
    used = stage.account("Ann Lee").ask("generate-key", "Tim")["key"]
    tim.ask("link", "Ann", used)
    mike.begin("link", "Ann", used).communicate(timeout=60)
    john.ask("pause", "Mike Brown")
    mike.ask("wait", "John Smith", "--for", "amber")
    mike.ask("number", "add", "201")
    tim.ask("delete", "--yes", "Mike Brown")
    at_mike = stage.page(mike)
    at_mike.sees("1 interlink, amber", "main .summary")
    at_mike.go_to("Events")
    at_mike.sees("(?s)Deleted by the other account.*Paused by the other account.*Link refused",
                 ".events")
    text = at_mike.text(".events")
    _no_flags(at_mike, ".events")
    if page.re.search(r"\bpeers?\b", text):
        raise page.Violation(f"an administrator knows no peer: {text}")
    lower = at_mike.browser.run(
        "return [...document.querySelectorAll('.kind, .actor, .event-words > span')]"
        ".map((e) => e.textContent).filter((text) => /^[a-z]/.test(text))")
    equal(lower, [])
    at_mike.go_to("Account")
    at_mike.sees("1, amber", ".facts")


def a_pause_is_told_once(stage):
    mike, john = stage.accounts_linked("Mike Brown", "John Smith")
    at_mike = stage.page(mike)
    at_mike.sees_row("John Smith", "green")
    at_mike.click("Pause John Smith")
    at_mike.sees_row("John Smith", "amber")
    at_mike.was_told("John Smith is paused: no calls in either direction")
    john.ask("wait", "Mike Brown", "--for", "amber")
    equal(at_mike.browser.run("return window.told"),
          ["John Smith is paused: no calls in either direction."])
    at_mike.click("Resume John Smith")
    at_mike.sees_row("John Smith", "green")
    equal(at_mike.browser.run("return document.querySelectorAll('.notice').length"), 1)


def what_is_empty_is_asked_for_in_one_sentence(stage):
    mike, _ = stage.accounts_linked("Mike Brown", "John Smith")
    at_mike = stage.page(mike)
    for opener, verb in (("Generate new key", "Generate key"), ("Link to another account", "Link")):
        at_mike.click(opener)
        at_mike.fill("Name of this interlink", " ")
        at_mike.click(verb)
        at_mike.sees("needed", "dialog .field-error")
        equal(at_mike.text("dialog .field-error"), EMPTY_NAME)
        at_mike.click("Cancel")
    at_mike.click("Rename John Smith")
    at_mike.fill("New name of John Smith", " ")
    at_mike.click("Rename")
    at_mike.sees(EMPTY_NAME, ".rename-problem")
    at_mike.browser.press("Escape")
    at_mike.go_to("Numbers")
    at_mike.click("Add number")
    for empty in ("", " "):
        at_mike.fill("Number", empty)
        at_mike.click("Add")
        at_mike.sees("needed", "dialog .field-error")
        equal(at_mike.text("dialog .field-error"), EMPTY_NUMBER)


def what_stands_in_the_way_of_a_link_looks_alike(stage):
    """Whatever is said of a key stands at the key."""
    mike, john = stage.accounts_linked("Mike Brown", "John Smith")
    at_john = stage.page(john)
    _link(at_john, "Mike again", mike.ask("generate-key", "John again")["key"])
    at_john.sees("are linked already, as \"Mike Brown\"", "dialog .field-error:not(:empty)")
    equal(at_john.text("dialog .note.refused"), "")
    equal(at_john.focus(), "Authorization key")
    at_john.picture("linked-already")


def the_lives_of_a_key_are_in_order(stage):
    mike = stage.account("Mike Brown")
    at_mike = stage.page(mike)
    at_mike.sees("One of the two generates a key, and the other enters it; yours can be either")
    at_mike.click("Generate new key")
    equal(at_mike.browser.run(
        "return [...document.querySelector('select').options].map((o) => o.textContent)"),
        ["1 hour", "1 day", "7 days (default)", "30 days", "90 days", "no end"])
    at_mike.fill("Name of this interlink", "John")
    at_mike.click("Generate key")
    at_mike.sees("This is a secret", "dialog")
    at_mike.click("Done")
    at_mike.sees("the key expires in 7 days")


def a_link_that_is_used_up_says_once_what_to_do(stage):
    mike = stage.account("Mike Brown")
    at_mike = stage.page(mike)
    link = at_mike.server.link
    for why, address in (("This link has been used", link),
                         ("This tab was not opened by a link", at_mike.origin)):
        at_mike.browser.run("sessionStorage.clear()")
        at_mike.browser.open("about:blank")
        at_mike.browser.open(address)
        at_mike.sees(f"{why}.*press Enter where interlinkctl page runs")
        _no_flags(at_mike, "body")
        equal(at_mike.text().lower().count("press enter"), 1)
        at_mike.browser.open(at_mike.server.new_link())
        at_mike.sees("No interlinks yet")


def notes_on_what_can_be_dialled_are_whole(stage):
    mike, john, tim = stage.accounts_linked("Mike Brown", "John Smith", "Tim Andrews")
    long = "123456789012345"
    mike.ask("number", "add", "100", "--destination", "sip:1@10.0.0.5")
    mike.ask("number", "add", "8101")
    for account in (john, tim):
        for digits in ("100", "401", "8101", "91" + long[:12]):
            account.ask("number", "add", digits, "--destination", "sip:1@10.1.0.5",
                        "--name", "Whatever it is called in that other company")
    mike.ask("prefix", "Tim Andrews", "9")
    at_mike = stage.page(mike)
    at_mike.go_to("Dial")
    at_mike.sees_number("100", "Hidden by your own number 100, and cannot be dialled")
    at_mike.sees("Hidden by your own number 100: dial 9100", ".window")
    at_mike.sees("401 calls 1 other account first: dial 9401", ".window")
    at_mike.sees_number("91" + long[:12], "Hidden by a dial prefix or your own number 91")
    at_mike.sees("What is struck through is hidden", "main")
    john.kill()
    tim.kill()
    at_mike.sees("Hidden by your own number 100: dial 9100. Its account does not answer now",
                 ".window", seconds=60)
    for width in (1280, 800, 360):
        at_mike.browser.set_size(width, 900)
        at_mike.picture(f"dial-notes-{width}")
        equal((width, at_mike.browser.run(CUT_OFF, ".note-cell, .digits")), (width, []))


def an_export_is_read_back_and_warns_of_formulas(stage):
    mike, john = stage.account("Mike Brown"), stage.account("John Smith")
    for digits, name, destination in (
            ("201", "=1+2", "+493012345"), ("202", "-1 floor", "sip:2@10.0.0.5"),
            ("203", "@home, upstairs", ""), ("204", "Reception", "sip:4@10.0.0.5")):
        mike.ask("number", "add", digits, "--name", name, "--destination", destination)
    at_mike = stage.page(mike)
    folder = stage.folder / "downloads"
    folder.mkdir()
    at_mike.browser.cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    at_mike.go_to("Numbers")
    at_mike.sees_number("204")
    at_mike.click("Export CSV")
    at_mike.was_told("4 fields of numbers.csv begin with =")
    exported = folder / "numbers.csv"
    page.until("the file", exported.exists)
    john.ask("number", "import", str(exported))

    def numbers(account):
        return [{key: number[key] for key in ("number", "name", "destination", "private")}
                for number in account.ask("number", "list")["numbers"]]

    equal(numbers(john), numbers(mike))
