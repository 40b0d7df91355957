#pragma once

// What the help of a verb explains beside its options.
namespace interlink::cli {

// What `list` and `wait` say of the circle (design.md section 7).
inline constexpr const char* kColoursExplained =
    "The circle:\n"
    "  green  linked, and the other account answers\n"
    "  amber  linked, but the other account does not answer, or the link is "
    "paused\n"
    "  red    failed: the key has expired or was refused, or the other account "
    "has\n"
    "         forgotten the link; also what is removed\n"
    "  grey   not linked yet: the key waits to be entered, or is being "
    "redeemed";

// What `number import` reads, and what it leaves.
inline constexpr const char* kImportExplained =
    "Columns, in this order unless the first line names others:\n"
    "  number       1 to 15 digits; the only one that has to be there\n"
    "  name         what people call it; empty for \"Internal Number\" and the "
    "digits\n"
    "  destination  where a call goes, such as sip:reception@10.0.0.5; empty "
    "for nowhere\n"
    "  private      true or false; empty for as it is\n"
    "  contact      what peers call instead of the account's contact; empty "
    "for that\n\n"
    "Nothing is deleted: a number that is not in the file stays, and so does\n"
    "whatever the file has no column for. Lines are stored in groups of 500; "
    "none of\n"
    "a group is if the daemon refuses one of it. With --dry-run nothing is, "
    "and the\n"
    "same is said of each line.";

}  // namespace interlink::cli
