"""Internal numbers: one by one, by the file, and ten thousand of them."""

import page
from page import equal

MANY = 10_000
MOST_FOLLOWED = 50_000


def a_number_is_added_changed_searched_and_deleted(stage):
    mike = stage.account("Mike Brown")
    at_mike = stage.page(mike)
    at_mike.go_to("Numbers")
    at_mike.sees("No internal numbers yet")
    at_mike.click("Add number")
    at_mike.fill("Number", "201")
    at_mike.fill("Name", "Reception")
    at_mike.fill("Destination", "sip:reception@10.0.0.5")
    at_mike.click("Add")
    at_mike.sees_number("201", "Reception")
    at_mike.sees_number("201", "Shared")
    at_mike.click("Edit 201")
    at_mike.fill("Name", "Front desk")
    at_mike.click("Private", "switch")
    at_mike.click("Save")
    at_mike.sees_number("201", "Front desk")
    at_mike.sees_number("201", "Private")
    # What others change appears by itself.
    mike.ask("number", "add", "007", "--name", "Agent")
    at_mike.sees_number("007", "no destination")
    at_mike.sees_number("007", "Not callable")
    at_mike.fill("Search numbers", "20")
    at_mike.sees_no_number("007")
    at_mike.fill("Search numbers", "AGE")
    at_mike.sees_no_number("201")
    at_mike.sees_number("007")
    at_mike.fill("Search numbers", "nobody")
    at_mike.sees("No number begins with “nobody”")
    at_mike.fill("Search numbers", "2")
    at_mike.click("Delete 201")
    at_mike.click("Delete")
    at_mike.sees_no_number("201")
    equal([number["number"] for number in mike.ask("number", "list")["numbers"]], ["007"])


def ten_thousand_numbers_stay_fluid(stage):
    """However many there are, few rows are in the document, and each is there as soon as it
    is scrolled to."""
    mike = stage.account("Mike Brown")
    text = stage.folder / "many.csv"
    text.write_text("".join(f"{10000 + n},Number of room {n},sip:{n}@10.0.0.5,{n % 2}\n"
                            for n in range(MANY)))
    mike.ask("number", "import", str(text))
    at_mike = stage.page(mike)
    at_mike.go_to("Numbers")
    at_mike.sees("10\\s000 numbers, 5\\s000 private")
    at_mike.sees_number("10000", "Number of room 0")
    at_mike.picture("ten-thousand-numbers")
    rows = "return document.querySelectorAll('.window [role=row]').length"
    seen = at_mike.browser.run(rows)
    if not 10 < seen < 100:
        raise page.Violation(f"{seen} rows are in the document")

    # Everywhere on the way down, what is in the middle of the screen is a row, once the
    # next frame is drawn.
    middle = """
      const [share] = arguments;
      scrollTo(0, share * (document.documentElement.scrollHeight - innerHeight));
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(
        document.elementFromPoint(innerWidth / 2, innerHeight / 2).closest('[role=row]')
          ?.querySelector('.digits')?.textContent ?? ''))));
    """
    shown = [at_mike.browser.run(middle, share / 20) for share in range(21)]
    if "" in shown or shown != sorted(set(shown)):
        raise page.Violation(f"scrolling shows {shown}")
    at_mike.sees_number("19999")
    if at_mike.browser.run(rows) > 100:
        raise page.Violation("rows that are out of sight stay in the document")

    at_mike.fill("Search numbers", "room 77")
    at_mike.sees("111 matches of 10\\s000")
    at_mike.sees_number("10077", "Number of room 77")
    at_mike.fill("Search numbers", "19998")
    at_mike.click("Private: 19998 Number of room 9998", "switch")
    at_mike.sees_number("19998", "Private")
    # A table that is read aloud says how long it is.
    at_mike.fill("Search numbers", "1")
    equal(at_mike.browser.run(
        "return document.querySelector('[role=table]').getAttribute('aria-rowcount')"),
        str(MANY + 1))


def more_than_fifty_thousand_are_searched_at_the_daemon(stage):
    """It looks through some thousands for each answer; the page goes on to the last."""
    mike = stage.account("Mike Brown")
    text = stage.folder / "many.csv"
    text.write_text("".join(f"{10000 + n},Room {n},sip:{n}@10.0.0.5\n"
                            for n in range(MOST_FOLLOWED)) + "9,Zoë’s desk,sip:9@10.0.0.5\n")
    mike.ask("number", "import", str(text))
    at_mike = stage.page(mike)
    at_mike.go_to("Numbers")
    at_mike.sees("50\\s001 numbers; the first 1\\s000 matches are shown", seconds=60)
    at_mike.sees_number("10000", "Room 0")
    equal(at_mike.has("button", "Export CSV"), False)
    at_mike.read_log()
    equal([url for url in at_mike.requests if url.endswith("WatchNumbers")], [])
    # The last of all, by its digits and by its name in any case.
    at_mike.fill("Search numbers", "59999")
    at_mike.sees_number("59999", "Room 49999")
    at_mike.sees("50\\s001 numbers; 1 match", "main .summary")
    at_mike.fill("Search numbers", "ROOM 4999")
    at_mike.sees("50\\s001 numbers; 11 matches", "main .summary", seconds=180)
    at_mike.fill("Search numbers", "zoË")
    at_mike.sees_number("9", "Zoë’s desk")
    at_mike.fill("Search numbers", "nobody")
    at_mike.sees("No number begins with “nobody”")

    # A change here is shown, and what others did meanwhile at the next visit.
    at_mike.fill("Search numbers", "5999")
    at_mike.sees("15 matches", "main .summary")
    at_mike.click("Delete 59998")
    at_mike.click("Delete")
    at_mike.sees_no_number("59998")
    # So few that they are followed.
    at_mike.sees("14 matches of 50\\s000 numbers", "main .summary", seconds=180)
    mike.ask("number", "delete", "59997")
    at_mike.sees_no_number("59997")


def what_can_be_dialled_is_searched_and_marked(stage):
    mike, john, tim = stage.accounts_linked("Mike Brown", "John Smith", "Tim Andrews")
    mike.ask("number", "add", "100", "--name", "Own desk", "--destination", "sip:1@10.0.0.5")
    for account, host in ((john, "10.1.0.5"), (tim, "10.2.0.5")):
        account.ask("number", "add", "100", "--name", "Desk", "--destination", f"sip:1@{host}")
        account.ask("number", "add", "401", "--name", f"Gate of {account.name}",
                    "--destination", f"sip:4@{host}")
    mike.ask("prefix", "Tim Andrews", "8")
    at_mike = stage.page(mike)
    at_mike.go_to("Dial")
    at_mike.sees("4 numbers of linked accounts, 2 hidden")
    at_mike.sees("Hidden by your own number 100: dial 8100")
    at_mike.sees("401 calls 1 other account first: dial 8401")
    at_mike.picture("dial")
    at_mike.fill("Search what can be dialled", "gate of john")
    at_mike.sees_number("401", "John Smith")
    equal(at_mike.count("row"), 1)
    at_mike.fill("Search what can be dialled", "84")
    page.until("the prefixed number is found", lambda: at_mike.count("row") == 1)
    at_mike.sees_number("401", "Tim Andrews")


def a_file_is_tried_first_and_then_imported(stage):
    mike = stage.account("Mike Brown")
    mike.ask("number", "add", "903", "--name", "Stays", "--private")
    text = stage.folder / "numbers.csv"
    lines = ["number;name;private", "901;One;no", "x2;Two;no", '903;"Three;no', "904;Four;maybe",
             "901;Twice;no"]
    lines += [f"{number};Room {number};yes" for number in range(2000, 3200)]
    text.write_text("\n".join(lines))
    at_mike = stage.page(mike)
    at_mike.go_to("Numbers")
    at_mike.click("Import CSV")
    at_mike.click("Check only")
    at_mike.sees("Choose a file first", "dialog")
    at_mike.fill("File", str(text))
    at_mike.click("Check only")
    at_mike.sees("Lines 3, 4, 5 and 6 are wrong, 4 of 1205. 702 numbers would be added, 0 changed, "
                 "0 as before, 499 good lines would not be stored because of them. "
                 "Nothing has been stored", "dialog")
    for refused in ("Line 3.*digits", "Line 4.*quoted field", "Line 5.*maybe",
                    "Line 6.*901 is in line 2"):
        at_mike.sees(f"(?s){refused}", "dialog")
    at_mike.picture("import-checked")
    equal(len(mike.ask("number", "list")["numbers"]), 1)

    # What is good is stored chunk by chunk, and the rest named again.
    at_mike.click("Import")
    at_mike.sees("702 numbers added", "dialog")
    at_mike.sees("import the whole file again", "dialog")
    equal(len(mike.ask("number", "list")["numbers"]), 703)
    text.write_text("\n".join(line for line in lines if line not in lines[2:6]))
    at_mike.fill("File", str(text))
    at_mike.click("Import")
    at_mike.sees("499 numbers added, 0 changed, 702 as before, no line refused", "dialog")
    at_mike.click("Done")
    at_mike.sees("1\\s202 numbers, 1\\s201 private")
    # One wrong line among few.
    text.write_text("901,One\nx2,Two\n")
    at_mike.click("Import CSV")
    at_mike.fill("File", str(text))
    at_mike.click("Import")
    at_mike.sees("Line 2 is wrong, 1 of 2. Nothing was imported, 1 good line not stored because "
                 "of it", "dialog")
    at_mike.click("Close", "button")
    # A column that the file does not have leaves what is stored.
    at_mike.fill("Search numbers", "903")
    at_mike.sees_number("903", "Stays")


def a_file_that_is_no_list_of_numbers_is_refused_whole(stage):
    mike = stage.account("Mike Brown")
    at_mike = stage.page(mike)
    at_mike.go_to("Numbers")
    at_mike.click("Import CSV")
    wrong = {
        "latin1.csv": ("201,Réception\n".encode("latin-1"), "Latin-1"),
        "utf16.csv": ("201,Reception\n".encode("utf-16"), "UTF-16"),
        "empty.csv": (b"\n\n", "no numbers"),
        "list.json": (b'[{"number": "201"}]', "JSON"),
        "heading.csv": (b"number,label\n201,Reception\n", "names a column “label”"),
    }
    for name, (content, words) in wrong.items():
        path = stage.folder / name
        path.write_bytes(content)
        at_mike.fill("File", str(path))
        at_mike.click("Import")
        at_mike.sees(words, ".import-outcome")
    equal(mike.ask("number", "list").get("numbers", []), [])
