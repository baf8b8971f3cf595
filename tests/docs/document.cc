#include "document.h"

#include <fstream>
#include <string_view>
#include <utility>

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

std::vector<Block> read_blocks(const std::string& path) {
  const bool manual = is_manual(path);
  std::vector<Block> blocks;
  Block block;
  bool inside = false;
  std::size_t number = 0;
  for (const std::string& line : read_lines(path)) {
    ++number;
    if (!inside) {
      inside = opens(line, manual);
    } else if (closes(line, manual)) {
      inside = false;
      if (!block.empty()) blocks.push_back(std::move(block));
      block = {};
    } else {
      block.push_back({plain(line, manual), number});
    }
  }
  return blocks;
}

bool holds_commands(const Block& block) { return block.front().text.starts_with(kPrompt); }

std::vector<Example> read_examples(const std::string& path) {
  std::vector<Example> examples;
  for (const Block& block : read_blocks(path)) {
    if (!holds_commands(block)) continue;
    for (const Line& line : block) {
      if (line.text.starts_with(kPrompt)) {
        examples.push_back({line.text.substr(kPrompt.size()), {}, line.number});
      } else {
        examples.back().output += line.text + "\n";
      }
    }
  }
  return examples;
}

void rewrite_examples(const std::string& path, const std::vector<Example>& examples) {
  const bool manual = is_manual(path);
  const std::vector<std::string> lines = read_lines(path);
  std::ofstream file(path);
  bool inside = false;
  bool commands = false;
  auto next = examples.begin();
  for (const std::string& line : lines) {
    if (!inside || closes(line, manual)) {
      inside = !inside && opens(line, manual);
      commands = false;
      file << line << '\n';
      continue;
    }
    const bool command = line.starts_with(kPrompt);
    commands = commands || command;
    if (!commands) {
      file << line << '\n';
    } else if (command && next != examples.end()) {
      file << line << '\n' << (manual ? escaped(next->output) : next->output);
      ++next;
    }
  }
}

}  // namespace bpfc::docs
