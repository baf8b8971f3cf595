#include "tests/golden/golden_file.h"

#include <fstream>
#include <string_view>

namespace bpfc::golden {

namespace {

// The rest of the line behind a keyword; nothing if it starts otherwise.
bool take(const std::string& line, std::string_view keyword, std::string& value) {
  if (line.rfind(keyword, 0) != 0) {
    return false;
  }
  value = line.substr(keyword.size());
  return true;
}

}  // namespace

std::vector<Entry> read_golden_file(const std::string& path) {
  std::ifstream file(path);
  std::vector<Entry> entries;
  Entry entry;
  std::string* listing = nullptr;
  const auto finish = [&] {
    if (!entry.link_type.empty()) {
      entries.push_back(std::move(entry));
      entry = {};
    }
    listing = nullptr;
  };
  for (std::string line; std::getline(file, line);) {
    std::string value;
    if (line.empty()) {
      finish();
    } else if (line[0] == '#') {
      entry.comments.push_back(line);
    } else if (line == "optimized:") {
      listing = &entry.optimized;
    } else if (line == "unoptimized:") {
      listing = &entry.unoptimized;
    } else if (listing != nullptr) {
      *listing += line + "\n";
    } else if (take(line, "alias: ", value)) {
      entry.aliases.push_back(value);
    } else if (!take(line, "expression: ", entry.expression) &&
               !take(line, "link type: ", entry.link_type)) {
      take(line, "options: ", entry.options);
    }
  }
  finish();
  return entries;
}

void write_golden_file(const std::string& path, const std::vector<Entry>& entries) {
  std::ofstream file(path);
  for (const Entry& entry : entries) {
    for (const std::string& comment : entry.comments) {
      file << comment << "\n";
    }
    file << "expression: " << entry.expression << "\n";
    for (const std::string& alias : entry.aliases) {
      file << "alias: " << alias << "\n";
    }
    file << "link type: " << entry.link_type << "\n";
    if (!entry.options.empty()) {
      file << "options: " << entry.options << "\n";
    }
    file << "optimized:\n" << entry.optimized << "unoptimized:\n" << entry.unoptimized << "\n";
  }
}

}  // namespace bpfc::golden
