#include "daemon/cli/show/table.h"

#include <algorithm>
#include <utility>

#include "daemon/cli/show/text.h"

namespace interlink::cli {

Table::Table(std::vector<std::string> headings, std::string before) {
  AddRow(std::move(headings), std::move(before));
}

void Table::AddRow(std::vector<std::string> cells, std::string before) {
  lines_.push_back({std::move(before), std::move(cells), ""});
}

void Table::AddNote(std::string text) {
  lines_.push_back({"", {}, std::move(text)});
}

std::vector<size_t> Table::ColumnWidths() const {
  std::vector<size_t> widths;
  for (const Line& line : lines_) {
    widths.resize(std::max(widths.size(), line.cells.size()));
    for (size_t i = 0; i < line.cells.size(); ++i) {
      widths[i] = std::max(widths[i], Width(line.cells[i]));
    }
  }
  return widths;
}

namespace {

constexpr size_t kTerminalColumns = 80;

// Begins a new line before a word that would not fit.
void PrintNote(std::ostream& out, std::string_view note) {
  static constexpr std::string_view kIndent = "    ";
  std::string line;
  while (!note.empty()) {
    const size_t end = std::min(note.find(' '), note.size());
    const std::string_view word = note.substr(0, end);
    note.remove_prefix(std::min(end + 1, note.size()));
    const size_t width = kIndent.size() + Width(line) + 1 + Width(word);
    if (!line.empty() && width > kTerminalColumns) {
      out << kIndent << line << '\n';
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  out << kIndent << line << '\n';
}

}  // namespace

void Table::Print(std::ostream& out) const {
  const std::vector<size_t> widths = ColumnWidths();
  for (const Line& line : lines_) {
    if (line.cells.empty()) {
      PrintNote(out, line.note);
      continue;
    }
    std::string text;
    for (size_t i = 0; i < line.cells.size(); ++i) {
      text += PadTo(line.cells[i], widths[i] + 2);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << line.before << text << '\n';
  }
}

}  // namespace interlink::cli
