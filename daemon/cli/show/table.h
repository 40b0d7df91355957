#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace interlink::cli {

// Lines with aligned columns, each with something before it (a circle) and
// notes of their own between them.
//
// What goes in must be Clean() already; only `before` may hold colours.
class Table {
 public:
  explicit Table(std::vector<std::string> headings, std::string before = "");

  void AddRow(std::vector<std::string> cells, std::string before = "");
  // A line that belongs to the row above; it has no columns, is indented, and
  // is continued on the next where it is longer than a terminal is wide.
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
