#include "daemon/http/phone_book_text.h"

#include <utility>

namespace interlink::daemon {
namespace {

constexpr std::pair<std::string_view, PhoneBookFormat> kFormats[] = {
    {"yealink", PhoneBookFormat::kYealink},
    {"cisco", PhoneBookFormat::kCisco},
    {"csv", PhoneBookFormat::kCsv},
};

std::string_view XmlEntity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    default:
      return {};
  }
}

// XML 1.0 has no place for U+FFFE and U+FFFF, however they are written.
bool IsNoCharacterOfXml(std::string_view rest) {
  return rest.starts_with("\xef\xbf\xbe") || rest.starts_with("\xef\xbf\xbf");
}

std::string XmlText(std::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsNoCharacterOfXml(text.substr(i))) {
      i += 2;
    } else if (const auto entity = XmlEntity(text[i]); !entity.empty()) {
      escaped += entity;
    } else {
      escaped += text[i];
    }
  }
  return escaped;
}

// A spreadsheet takes for a formula what begins with one of these, also in its
// wide form.
bool IsLikeAFormula(std::string_view text) {
  for (const std::string_view sign :
       {"=", "+", "-", "@", "\t", "\r", "\xef\xbc\x9d", "\xef\xbc\x8b",
        "\xef\xbc\x8d", "\xef\xbc\xa0"}) {
    if (text.starts_with(sign)) return true;
  }
  return false;
}

std::string CsvField(std::string_view text) {
  std::string field = "\"";
  if (IsLikeAFormula(text)) field += '\'';
  for (const char c : text) {
    if (c == '"') field += '"';
    field += c;
  }
  return field + "\"";
}

std::string WriteXml(const std::vector<PhoneBookEntry>& entries,
                     const std::string& root, std::string_view headings) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + root +
                     ">\n" + std::string(headings);
  for (const PhoneBookEntry& entry : entries) {
    text += "<DirectoryEntry><Name>" + XmlText(entry.name) +
            "</Name><Telephone>" + XmlText(entry.number) +
            "</Telephone></DirectoryEntry>\n";
  }
  return text + "</" + root + ">\n";
}

std::string WriteCsv(const std::vector<PhoneBookEntry>& entries) {
  std::string text = "number,name\r\n";
  for (const PhoneBookEntry& entry : entries) {
    text += CsvField(entry.number) + "," + CsvField(entry.name) + "\r\n";
  }
  return text;
}

}  // namespace

std::optional<PhoneBookFormat> PhoneBookFormatNamed(std::string_view name) {
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
  }
  return std::nullopt;
}

const char* ContentTypeOf(PhoneBookFormat format) {
  return format == PhoneBookFormat::kCsv ? "text/csv; charset=utf-8"
                                         : "text/xml; charset=utf-8";
}

std::string WritePhoneBook(const std::vector<PhoneBookEntry>& entries,
                           PhoneBookFormat format) {
  switch (format) {
    case PhoneBookFormat::kYealink:
      return WriteXml(entries, "YealinkIPPhoneDirectory", "");
    case PhoneBookFormat::kCisco:
      return WriteXml(entries, "CiscoIPPhoneDirectory",
                      "<Title>Interlink</Title>\n<Prompt>Select a "
                      "number</Prompt>\n");
    case PhoneBookFormat::kCsv:
      break;
  }
  return WriteCsv(entries);
}

}  // namespace interlink::daemon
