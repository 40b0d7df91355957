#pragma once

// Explanations in the help of verbs, beside their options.
namespace interlink::cli {

// The circle, in the help of `list` and `wait` (design.md section 7).
inline constexpr const char* kColoursExplained =
    R"(The circle:
  green  linked, and the other account answers, or did some seconds ago
  amber  linked, but the other account does not answer, or the link is paused
  red    failed: the key has expired or was refused, or the other account has
         forgotten the link; removed rows are red too
  grey   not linked yet: the key waits to be entered, or is being redeemed)";

// When `delete` asks.
inline constexpr const char* kDeletionExplained =
    R"(At a terminal it asks before it deletes a link that stands, green or amber;
a grey row or one that failed goes without a question. Without a terminal, as
in a script, nothing is asked: the row goes at once.)";

// The columns that `number import` reads, and what it leaves alone.
inline constexpr const char* kImportExplained =
    R"(Columns, in this order unless the first line names others:
  number       1 to 15 digits; the only column that has to be there
  name         what people call it; empty for "Internal Number" and the digits
  destination  where a call goes, such as sip:reception@10.0.0.5; empty for
               nowhere
  private      true, yes, y or 1, or false, no, n or 0; empty leaves it as it
               is
  contact      what peers call instead of the account's contact; empty for that

A number that comes twice is refused the second time.

Nothing is deleted: a number that is not in the file stays, and so does
whatever the file has no column for. Lines are stored in groups of 500: if the
daemon refuses one of them, nothing of its group is stored. --dry-run says the
same of each line, and stores nothing.)";

}  // namespace interlink::cli
