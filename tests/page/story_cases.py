"""The manual, sentence by sentence, on two pages of two accounts."""

import page
from page import equal


def the_story_of_the_manual_on_two_pages(stage):
    """Nobody reloads anything."""
    mike, john = stage.account("Mike Brown"), stage.account("John Smith")
    john.ask("number", "add", "301", "--name", "Support", "--destination",
             "sip:support@10.1.0.5")
    at_mike, at_john = stage.page(mike), stage.page(john)
    at_mike.sees("No interlinks yet")

    # "In the next window, enter a name for this connection ... an authorization key will
    # be generated. Copy this key."
    at_mike.click("Generate new key")
    at_mike.fill("Name of this interlink", "John")
    at_mike.click("Generate key")
    at_mike.sees("This is a secret")
    at_mike.click("Copy the key")
    at_mike.was_told("Copied")
    key = at_mike.browser.run("return navigator.clipboard.readText()")
    equal(key, mike.ask("show-key", "John")["key"])

    # "... this status will be indicated by a grey circle."
    at_mike.sees_row("John", "grey")
    at_mike.picture("story-key")
    at_mike.click("Done")
    at_mike.click("Show key for John")
    at_mike.sees(key[:20], "dialog")
    at_mike.click("Done")

    # "Enter a name to identify this interconnection, as well as the authorization key."
    at_john.click("Link to another account")
    at_john.fill("Name of this interlink", "Mike")
    at_john.fill("Authorization key", f"Hello John, this is it:\n> {key}\nMike")
    at_john.click("Link")
    at_john.sees("Linked with Mike Brown")
    at_john.click("Done")

    # "... the status will be automatically updated with a green circle."
    at_john.sees_row("Mike", "green")
    at_mike.sees_row("John", "green")

    # "Users directly dial Internal Numbers on linked PBX accounts."
    at_mike.go_to("Dial")
    at_mike.sees_number("301", "Support")

    # "Privacy Enabled: not available to interlinked accounts."
    at_john.go_to("Numbers")
    at_john.click("Private: 301 Support", "switch")
    at_john.was_told("301 is private")
    at_mike.sees("share no numbers yet")
    at_john.click("Private: 301 Support", "switch")
    at_mike.sees_number("301", "Support")

    # "If both accounts have the same Internal Number configured, then calling those numbers
    # will reach the local Internal Number destination."
    mike.ask("number", "add", "301", "--destination", "sip:own@10.0.0.5")
    at_mike.sees("Hidden by your own number 301")

    # "Clicking on the interlink will allow you to rename the selected interconnection."
    at_mike.go_to("Interlinks")
    at_mike.click("Rename John")
    at_mike.fill("New name of John", "Branch office")
    at_mike.click("Rename")
    at_mike.sees_row("Branch office", "green")
    at_john.go_to("Interlinks")
    at_john.sees_row("Mike", "green")

    # "To delete the interlink, click on the X." And gone on both accounts.
    at_john.click("Delete Mike")
    at_john.sees("its row goes on both accounts", "dialog")
    at_john.click("Delete")
    at_john.sees("No interlinks yet")
    at_mike.sees("No interlinks yet")
    at_mike.was_told("Branch office is gone")
    at_mike.go_to("Events")
    at_mike.sees("Deleted by the other account")


def a_row_that_is_still_grey_is_deleted_and_its_key_revoked(stage):
    mike, john = stage.account("Mike Brown"), stage.account("John Smith")
    at_mike, at_john = stage.page(mike), stage.page(john)
    key = mike.ask("generate-key", "John")["key"]
    at_mike.sees_row("John", "grey")
    at_mike.click("Delete John")
    at_mike.sees("Its key is revoked", "dialog")
    at_mike.click("Cancel")
    at_mike.sees_row("John", "grey")
    at_mike.click("Delete John")
    at_mike.click("Delete")
    at_mike.sees_no_row("John")
    at_john.click("Link to another account")
    at_john.fill("Name of this interlink", "Mike")
    at_john.fill("Authorization key", key)
    at_john.click("Link")
    at_john.sees("revoked", "dialog")


def a_link_is_paused_resumed_and_set(stage):
    mike, john = stage.accounts_linked("Mike Brown", "John Smith")
    john.ask("number", "add", "301", "--destination", "sip:support@10.1.0.5")
    at_mike, at_john = stage.page(mike), stage.page(john)
    at_mike.click("Pause John Smith")
    at_mike.sees_row("John Smith", "amber")
    at_john.sees_row("Mike Brown", "amber")
    at_john.sees("paused by the other account")
    at_mike.click("Resume John Smith")
    at_mike.sees_row("John Smith", "green")
    at_john.sees_row("Mike Brown", "green")
    at_mike.click("Settings of John Smith")
    at_mike.fill("Priority", "many")
    at_mike.click("Save")
    at_mike.sees("whole number from 0 to 1000", "dialog")
    at_mike.fill("Priority", "7")
    at_mike.fill("Dial prefix", "8")
    at_mike.click("Save")
    at_mike.was_told("settings of John Smith are saved")
    row = mike.rows()[0]
    equal((row["priority"], row["dial_prefix"]), (7, "8"))
    at_mike.go_to("Dial")
    at_mike.sees_number("301", "Or dial 8301")


def an_attempt_whose_peer_is_away_goes_on_by_itself(stage):
    mike, john = stage.account("Mike Brown"), stage.account("John Smith")
    key = mike.ask("generate-key", "John")["key"]
    mike.kill()
    at_john = stage.page(john)
    at_john.click("Link to another account")
    at_john.fill("Name of this interlink", "Mike")
    at_john.fill("Authorization key", key)
    at_john.click("Link")
    at_john.sees("Asking the other account", "dialog")
    at_john.sees_row("Mike", "grey")
    at_john.sees("has not answered yet", "dialog", seconds=40)
    at_john.picture("still-linking")
    mike.start()
    at_john.sees("Linked with Mike Brown", "dialog", seconds=60)
    at_john.click("Done")
    at_john.sees_row("Mike", "green")


def the_keyboard_alone_is_enough(stage):
    mike, john = stage.account("Mike Brown"), stage.account("John Smith")
    at_mike, at_john = stage.page(mike), stage.page(john)
    keys = at_mike.browser
    at_mike.sees("No interlinks yet")
    at_mike.tab_to("Generate new key")
    keys.press("Enter")
    equal(at_mike.focus(), "Name of this interlink")
    keys.press("Escape")
    page.until("the focus is where it was", lambda: at_mike.focus() == "Generate new key")
    keys.press("Enter")
    keys.type("John")
    keys.press("Enter")
    page.until("the focus is on Copy", lambda: at_mike.focus() == "Copy the key")
    keys.press("Enter")
    at_mike.was_told("Copied")
    key = mike.ask("show-key", "John")["key"]
    at_mike.tab_to("Done")
    keys.press("Space")

    other = at_john.browser
    at_john.tab_to("Link to another account")
    other.press("Enter")
    other.type("Mike")
    other.press("Tab")
    other.type(key)
    at_john.tab_to("Link")
    other.press("Enter")
    at_john.sees("Linked with Mike Brown")
    page.until("the focus is on Done", lambda: at_john.focus() == "Done")
    other.press("Enter")
    at_john.sees_row("Mike", "green")

    at_mike.sees_row("John", "green")
    at_mike.tab_to("Rename John")
    keys.press("Enter")
    keys.press("Control+a")
    keys.type("Branch")
    keys.press("Enter")
    at_mike.sees_row("Branch", "green")
    page.until("the focus is on the name", lambda: at_mike.focus() == "Rename Branch")

    at_mike.tab_to("Numbers")
    keys.press("Enter")
    page.until("the focus is on the heading", lambda: at_mike.focus() == "Numbers")
    at_mike.tab_to("Add number")
    keys.press("Enter")
    keys.type("201")
    at_mike.tab_to("Destination")
    keys.type("sip:reception@10.0.0.5")
    at_mike.tab_to("Private")
    keys.press("Space")
    at_mike.tab_to("Add")
    keys.press("Enter")
    at_mike.sees_number("201", "Private")
    at_mike.tab_to("Private: 201 Internal Number 201")
    keys.press("Space")
    at_mike.sees_number("201", "Shared")
    at_mike.tab_to("Delete 201")
    keys.press("Enter")
    equal(at_mike.focus(), "Cancel")
    at_mike.tab_to("Delete")
    keys.press("Enter")
    at_mike.sees("No internal numbers yet")

    at_mike.tab_to("Interlinks")
    keys.press("Enter")
    at_mike.tab_to("Delete Branch")
    keys.press("Enter")
    at_mike.tab_to("Delete")
    keys.press("Enter")
    at_mike.sees("No interlinks yet")
    # Not lost with the row: whoever hears the page is told where he is.
    page.until("the focus is on the heading", lambda: at_mike.focus() == "Interlinks")
