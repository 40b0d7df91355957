#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace interlink::cli {

// Rows with aligned columns, perhaps with a circle before each row and a note
// below.
//
// All text must be Clean() already; only `before` may hold colours.
class Table {
 public:
  explicit Table(std::vector<std::string> headings, std::string before = "");

  void AddRow(std::vector<std::string> cells, std::string before = "");
  // Adds an indented line without columns below the last row. It is wrapped at
  // the width of a terminal.
  void AddNote(std::string text);

  void Print(std::ostream& out) const;

 private:
  struct Line {
    std::string before;
    std::vector<std::string> cells;
    std::string note;
  };
  std::vector<size_t> ColumnWidths() const;

  std::vector<Line> lines_;
};

}  // namespace interlink::cli
