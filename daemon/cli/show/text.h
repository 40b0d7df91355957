#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Text on a terminal: what may be shown, and how wide it is.
namespace interlink::cli {

bool IsUtf8(std::string_view text);

// `text` fit for a terminal. Names and error texts come from other people's
// machines: an escape sequence among them could rewrite the screen, and a
// direction override could make one name read as another. Control characters
// (C0, DEL, C1), direction overrides and damaged UTF-8 are dropped; a line
// break or tab becomes a space.
std::string Clean(std::string_view text);

// `text` with "ilk1_..." for each authorization key in it. Errors repeat what a
// user typed, and people send errors to one another.
std::string WithoutKeys(std::string_view text);

// Columns of a terminal that `text` takes: none for an accent that joins the
// letter before it, two for most characters of East Asia and for pictures.
size_t Width(std::string_view text);

// `text` and spaces up to `width` columns; longer text stays whole.
std::string PadTo(std::string text, size_t width);

// Without surrounding spaces, tabs and line ends.
std::string_view Trim(std::string_view text);

// ASCII only; other bytes stay.
std::string LowerCase(std::string_view text);

// "1 number", "2 numbers".
std::string Count(long long count, std::string_view noun);

}  // namespace interlink::cli
