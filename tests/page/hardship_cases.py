"""What goes wrong: daemons that die, refusals, viewers, lost sessions."""

import page
from page import equal

GRPC_WORDS = "UNAVAILABLE|failed to connect|RST_STREAM|socket|fetch|undefined|\\[object|NaN"


def a_daemon_that_is_killed_is_said_to_be_away_until_it_is_back(stage):
    mike, john = stage.accounts_linked("Mike Brown", "John Smith")
    at_mike = stage.page(mike)
    at_mike.sees_row("John Smith", "green")
    mike.kill()
    at_mike.sees("The daemon does not answer. What is shown is of", ".banner")
    at_mike.picture("daemon-away")
    if page.re.search(GRPC_WORDS, at_mike.text()):
        raise page.Violation(f"the page speaks of its inside: {at_mike.text()}")
    # A green that nobody proves is not shown as one.
    at_mike.sees("was green", "main")
    at_mike.click("Delete John Smith")
    at_mike.click("Delete")
    at_mike.sees("No interlinkd answers.*start interlinkd", "dialog .note")
    at_mike.click("Cancel")
    john.ask("rename", "Mike Brown", "Mike")
    mike.start()
    at_mike.sees_no_more("does not answer", ".banner")
    at_mike.sees_row("John Smith", "green", seconds=60)
    # And it goes on turning.
    john.ask("delete", "--yes", "Mike")
    at_mike.sees_no_row("John Smith")


def a_row_that_went_while_the_daemon_was_away_is_gone(stage):
    mike, _ = stage.accounts_linked("Mike Brown", "John Smith")
    mike.ask("number", "add", "201")
    mike.ask("number", "add", "202")
    at_mike = stage.page(mike)
    at_mike.go_to("Numbers")
    at_mike.sees_number("201")
    with at_mike.hidden():
        mike.ask("number", "delete", "201")
        mike.ask("delete", "--yes", "John Smith")
        mike.kill()
        mike.start()
    at_mike.sees_no_number("201")
    at_mike.sees_number("202")
    at_mike.go_to("Interlinks")
    at_mike.sees("No interlinks yet")


def a_frozen_daemon_is_noticed(stage):
    """Its connections stand, and nobody answers."""
    mike, _ = stage.accounts_linked("Mike Brown", "John Smith")
    at_mike = stage.page(mike)
    at_mike.sees_row("John Smith", "green")
    mike.freeze()
    at_mike.sees("The daemon does not answer", ".banner", seconds=40)
    mike.thaw()
    at_mike.sees_no_more("does not answer", ".banner")


def each_refusal_shows_its_sentence_and_next_step(stage):
    mike, john = stage.account("Mike Brown"), stage.account("John Smith")
    tim = stage.account("Tim Andrews")
    used = mike.ask("generate-key", "John")["key"]
    john.ask("link", "Mike", used)
    own = tim.ask("generate-key", "Somebody")["key"]
    second = mike.ask("generate-key", "John again")["key"]
    at_tim = stage.page(tim)

    def refuse(name, key, words):
        at_tim.fill("Name of this interlink", name)
        at_tim.fill("Authorization key", key)
        at_tim.click("Link")
        at_tim.sees(words, "dialog")
        equal(at_tim.has("button", "Done"), False)

    at_tim.click("Link to another account")
    at_tim.click("Link")
    at_tim.sees("name", "dialog .field-error")
    refuse("Mike", "nonsense", "(?i)key.*(copy|paste|whole)")
    refuse("Mike", used[:-4], "(?i)(damaged|complete|whole)")
    refuse("Mike", own, "own")
    refuse("Somebody", second, "Somebody")  # NAME_TAKEN
    refuse("Mike", used, "another (one|key)|new key|used")
    at_tim.picture("key-used")
    equal([row["name"] for row in tim.rows()], ["Somebody"])
    # What was filled in is still there, so that a slip costs one correction.
    at_tim.fill("Authorization key", second)
    at_tim.click("Link")
    at_tim.sees("Linked with Mike Brown", "dialog")
    at_tim.click("Done")

    at_tim.click("Generate new key")
    at_tim.fill("Name of this interlink", "mike")
    at_tim.click("Generate key")
    at_tim.sees("(?i)another name|is called|has (this|that) name", "dialog .field-error")
    at_tim.click("Cancel")
    at_tim.click("Rename Somebody")
    at_tim.fill("New name of Somebody", "Mike")
    at_tim.click("Rename")
    at_tim.sees("(?i)name", ".rename-problem")
    at_tim.browser.press("Escape")
    at_tim.go_to("Numbers")
    at_tim.click("Add number")
    at_tim.fill("Number", "12x")
    at_tim.click("Add")
    at_tim.sees("digits", "dialog .field-error")
    tim.ask("number", "add", "201")
    at_tim.fill("Number", "201")
    at_tim.click("Add")
    at_tim.sees("201", "dialog .field-error")
    equal(at_tim.focus(), "Number")


def an_account_that_nobody_reaches_is_told_why_it_cannot_generate(stage):
    mike = stage.account("Mike Brown", "--advertise", "none")
    at_mike = stage.page(mike)
    at_mike.click("Generate new key")
    at_mike.fill("Name of this interlink", "John")
    at_mike.click("Generate key")
    at_mike.sees("advertise", "dialog .note")
    at_mike.click("Cancel")
    at_mike.go_to("Account")
    at_mike.sees("can enter keys, but not generate any")


def a_viewer_is_not_offered_what_would_be_refused(stage):
    daemon, control = stage.api_over_tcp("Mike Brown")
    mike, john = stage.account("Mike Brown", *daemon), stage.account("John Smith")
    john.ask("link", "Mike", mike.ask("generate-key", "John")["key"])
    mike.ask("generate-key", "Ann")
    mike.ask("number", "add", "201", "--name", "Reception")
    at_mike = stage.page(mike, *control(mike, "viewer"))
    at_mike.sees("Read only")
    at_mike.sees_row("John", "green")
    at_mike.sees_row("Ann", "grey")
    equal((at_mike.count("button"), at_mike.has("button", "Skip to the page")), (1, True))
    equal(at_mike.has("link", "Events"), False)
    at_mike.picture("viewer")
    # He sees what happens as administrators do.
    mike.ask("rename", "John", "Branch office")
    at_mike.sees_row("Branch office", "green")
    at_mike.go_to("Numbers")
    at_mike.sees_number("201", "Shared")
    equal(at_mike.count("switch"), 0)
    equal([name for name in ("Add number", "Import CSV", "Edit 201", "Delete 201")
           if at_mike.has("button", name)], [])
    at_mike.go_to("Dial")
    at_mike.go_to("Account")
    at_mike.sees(mike.account_id)
    equal(at_mike.has("button", "Examine"), False)
    # Nor by the address.
    at_mike.browser.run("location.hash = 'events'")
    at_mike.sees("Interlinks", "h1")

    # An administrator's certificate is offered all of it.
    as_admin = stage.page(mike, *control(mike, "admin"))
    as_admin.sees_row("Branch office", "green")
    for name in ("Generate new key", "Delete Branch office"):
        page.until(name, lambda name=name: as_admin.has("button", name))
    as_admin.go_to("Events")
    as_admin.sees("renamed")


def a_hidden_tab_has_no_watch_open(stage):
    mike, _ = stage.accounts_linked("Mike Brown", "John Smith")
    at_mike = stage.page(mike)
    at_mike.go_to("Events")
    at_mike.sees("Linked")

    def open_watches():
        at_mike.read_log()
        return len(at_mike.open_watches)

    page.until("two watches", lambda: open_watches() == 2)
    for title in ("Numbers", "Dial", "Interlinks", "Events"):
        at_mike.go_to(title)
    page.until("two watches", lambda: open_watches() == 2)
    with at_mike.hidden():
        mike.ask("rename", "John Smith", "Branch office")
        page.until("no watch is open", lambda: open_watches() == 0)
        # Nor is one opened again: this is longer than any wait before another attempt.
        at_mike.browser.run("return new Promise((done) => setTimeout(done, 9000))")
        equal(open_watches(), 0)
    at_mike.sees("Branch office")
    page.until("two watches again", lambda: open_watches() == 2)
    equal(at_mike.most_watches(), 2)


def a_link_opens_one_tab_and_leaves_the_address(stage):
    mike = stage.account("Mike Brown")
    at_mike = stage.page(mike)
    equal(at_mike.browser.url(), at_mike.origin + "/")
    equal(at_mike.browser.run("return document.cookie"), "")
    equal(at_mike.browser.ask("GET", "/cookie"), [])
    # A reload goes on; the same link in another tab does not.
    at_mike.browser.ask("POST", "/refresh", {})
    at_mike.sees("No interlinks yet")
    link = at_mike.server.link
    at_mike.browser.run("sessionStorage.clear()")
    at_mike.browser.open("about:blank")
    at_mike.browser.open(link)
    at_mike.sees("This page needs its link")
    at_mike.sees("press Enter")
    at_mike.picture("needs-its-link")
    at_mike.browser.open("about:blank")
    at_mike.browser.open(at_mike.server.new_link())
    at_mike.sees("No interlinks yet")


def a_page_whose_program_has_ended_says_so(stage):
    mike = stage.account("Mike Brown")
    at_mike = stage.page(mike)
    at_mike.sees("No interlinks yet")
    at_mike.server.end()
    at_mike.sees("interlinkctl page does not answer", ".banner")
    at_mike.picture("program-away")
