#include "daemon/cli/table.h"

#include <algorithm>
#include <utility>

#include "daemon/cli/text.h"

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

void Table::Print(std::ostream& out) const {
  const std::vector<size_t> widths = ColumnWidths();
  for (const Line& line : lines_) {
    if (line.cells.empty()) {
      out << "    " << line.note << '\n';
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
