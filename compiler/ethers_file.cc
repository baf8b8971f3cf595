#include "compiler/ethers_file.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace bpfc::compiler {
namespace {

constexpr std::string_view kSpace = " \t\n\v\f\r";

struct Entry {
  EthernetAddress address = {};
  std::string_view name;
};

// `line` must outlive the entry. strtoul() and not a stricter reader, since the C library reads
// these numbers by it: " +0x1" is one, and what wraps round is too large.
std::optional<Entry> parse(const std::string& line) {
  Entry entry;
  const char* next = line.c_str();
  for (std::size_t i = 0; i < entry.address.size(); ++i) {
    char* end = nullptr;
    const unsigned long number = std::strtoul(next, &end, 16);
    if (end == next || number > 0xff) return std::nullopt;
    entry.address[i] = static_cast<std::uint8_t>(number);
    const bool last = i + 1 == entry.address.size();
    if (last ? kSpace.find(*end) == kSpace.npos : *end != ':') return std::nullopt;
    next = end + 1;
  }
  entry.name = std::string_view(line).substr(static_cast<std::size_t>(next - line.c_str()));
  entry.name.remove_prefix(std::min(entry.name.find_first_not_of(kSpace), entry.name.size()));
  entry.name = entry.name.substr(0, entry.name.find_first_of(kSpace));
  if (entry.name.empty()) return std::nullopt;
  return entry;
}

bool same_name(std::string_view left, std::string_view right) {
  constexpr IgnoreCase kLess;
  return !kLess(left, right) && !kLess(right, left);
}

}  // namespace

std::optional<EthernetAddress> find_ether(std::istream& ethers, std::string_view name) {
  std::string line;
  while (std::getline(ethers, line)) {
    line.resize(std::min(line.find('#'), line.size()));
    const std::optional<Entry> entry = parse(line);
    if (entry && same_name(entry->name, name)) return entry->address;
  }
  return std::nullopt;
}

}  // namespace bpfc::compiler
