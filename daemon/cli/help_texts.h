#pragma once

// Explanations in the help of verbs, beside their options.
namespace interlink::cli {

// The circle, in the help of `list` and `wait` (design.md section 7).
inline constexpr const char* kColoursExplained =
    R"(The circle:
  green  linked, and the other account answers, or did in the last 30 s; what
         is wrong all the same stands below the row
  amber  linked, but the other account does not answer, another one answers at
         its address, or one side has paused
  red    failed: the key has expired or was refused, or the other account has
         forgotten the interlink; those that were removed are red too
  grey   not linked yet: the key waits to be entered, or is being redeemed)";

// When `delete` asks.
inline constexpr const char* kDeletionExplained =
    R"(At a terminal it asks before it deletes an interlink that was established,
whatever its colour; one that never was goes without a question. Without a terminal,
as in a script, nothing is asked.)";

// What scripts get from `status`.
inline constexpr const char* kStatusExplained =
    R"(The last line says whether all is well. For scripts, the exit status with --check:
0 all is well, 4 it is not, 5 no daemon answers. Whether others can reach this
daemon, and much more, is for `interlinkctl doctor` to find out.)";

// What `prefix` is for.
inline constexpr const char* kPrefixExplained =
    R"(With prefix 8, dialling 8201 asks this interlink alone for its 201: for numbers
that several interlinks have, or that an own number hides; `conflicts` shows
them. An own number 8201 still comes first. Of two prefixes that both fit, the
longer one counts: with 8 and 82, dialling 8201 asks that of 82 for its 01.)";

// What `authorize` does beside answering.
inline constexpr const char* kAuthorizeExplained =
    R"(It is what a PBX asks of a call that comes in, and counts as one of the 8 calls
that a call token lets in.)";

// Who gets in by the link that `page` prints.
inline constexpr const char* kPageExplained =
    R"(It prints a link. Whoever opens it first may do in the page what you may do here,
so that other users of this machine get in only if they are given the link; it
works once, and Enter prints another. The page ends with Ctrl-C. From another
machine, forward the port by ssh, such as:
ssh -t -L 8080:127.0.0.1:8080 HOST interlinkctl page --listen 127.0.0.1:8080)";

// The columns that `number import` reads, and what it leaves alone.
inline constexpr const char* kImportExplained =
    R"(Columns, in this order unless the first line names others:
  number       1 to 15 digits; the only column that has to be there
  name         what people call it; empty for "Internal Number" and the digits
  destination  where a call goes: an extension of the PBX, such as 201, or a SIP
               URI; empty for nowhere
  private      true, yes, y or 1, or false, no, n or 0; empty leaves it as it
               is
  contact      what peers call instead of the account's contact; empty for that

A number that comes twice is refused the second time.

Nothing is deleted: a number that is not in the file stays, and so does
whatever the file has no column for. Lines are stored in groups of 500: if the
daemon refuses one of them, nothing of its group is stored. --dry-run says the
same of each line, and stores nothing.)";

// Why `number export` alters nothing for a spreadsheet.
inline constexpr const char* kExportExplained =
    R"(import reads it back exactly as it was. So a name or destination that begins with
=, +, - or @, such as +493012345, has no guard before it: a spreadsheet that opens
the file takes it for a formula, unless its columns are read as text. A warning
says how many there are.)";

}  // namespace interlink::cli
