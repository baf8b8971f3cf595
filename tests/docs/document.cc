#include "document.h"

#include <fstream>
#include <string_view>

namespace bpfc::docs {
namespace {

constexpr std::string_view kPrompt = "$ ";

bool is_manual(const std::string& path) { return !path.ends_with(".md"); }

bool opens(const std::string& line, bool manual) {
  return manual ? line == ".EX" : line == "```console";
}

bool closes(const std::string& line, bool manual) { return line == (manual ? ".EE" : "```"); }

// What roff prints of the line.
std::string plain(std::string line, bool manual) {
  if (!manual) return line;
  const std::pair<std::string_view, std::string_view> escapes[] = {
      {"\\-", "-"}, {"\\(aq", "'"}, {"\\&", ""}, {"\\e", "\\"}, {"\\(ti", "~"}, {"\\(ha", "^"}};
  for (const auto& [escape, text] : escapes) {
    for (std::size_t at = line.find(escape); at != std::string::npos;
         at = line.find(escape, at + text.size())) {
      line.replace(at, escape.size(), text);
    }
  }
  return line;
}

// What makes roff print the text as it is.
std::string escaped(const std::string& text) {
  std::string result;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) result += "\\&";
    line_begins = c == '\n';
    switch (c) {
      case '\\':
        result += "\\e";
        break;
      case '-':
        result += "\\-";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '~':
        result += "\\(ti";
        break;
      case '^':
        result += "\\(ha";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::vector<Example> read_examples(const std::string& path) {
  const bool manual = is_manual(path);
  std::vector<Example> examples;
  bool inside = false;
  std::size_t number = 0;
  for (const std::string& line : read_lines(path)) {
    ++number;
    if (!inside) {
      inside = opens(line, manual);
      continue;
    }
    if (closes(line, manual)) {
      inside = false;
      continue;
    }
    const std::string text = plain(line, manual);
    if (text.starts_with(kPrompt)) {
      examples.push_back({text.substr(kPrompt.size()), {}, number});
    } else if (!examples.empty()) {
      examples.back().output += text + "\n";
    }
  }
  return examples;
}

void rewrite_examples(const std::string& path, const std::vector<Example>& examples) {
  const bool manual = is_manual(path);
  const std::vector<std::string> lines = read_lines(path);
  std::ofstream file(path);
  bool inside = false;
  auto next = examples.begin();
  for (const std::string& line : lines) {
    if (!inside || closes(line, manual)) {
      inside = !inside && opens(line, manual);
      file << line << '\n';
    } else if (line.starts_with(kPrompt) && next != examples.end()) {
      file << line << '\n' << (manual ? escaped(next->output) : next->output);
      ++next;
    }
  }
}

}  // namespace bpfc::docs
