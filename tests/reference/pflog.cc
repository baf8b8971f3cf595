#include "tests/reference/pflog.h"

#include <map>
#include <string>
#include <vector>

#include "tests/reference/lower_case.h"

namespace bpfc::reference {

namespace {

// Offsets in the header (OpenBSD's net/if_pflog.h).
constexpr std::uint32_t kAction = 2;
constexpr std::uint32_t kReason = 3;
constexpr std::uint32_t kInterface = 4;
constexpr std::uint32_t kRuleset = 20;
constexpr std::uint32_t kRule = 36;
constexpr std::uint32_t kSubrule = 40;
// Bytes that the header has for a name, the ending zero counted.
constexpr std::size_t kNameSize = 16;

const std::map<std::string, std::uint32_t> kReasons{
    {"match", 0},        {"bad-offset", 1},  {"fragment", 2},        {"short", 3},
    {"normalize", 4},    {"memory", 5},      {"bad-timestamp", 6},   {"congestion", 7},
    {"ip-option", 8},    {"proto-cksum", 9}, {"state-mismatch", 10}, {"state-insert", 11},
    {"state-limit", 12}, {"src-limit", 13},  {"synproxy", 14}};

const std::map<std::string, std::uint32_t> kActions{
    {"pass", 0},    {"accept", 0}, {"drop", 1},          {"block", 1}, {"scrub", 2},
    {"noscrub", 3}, {"nat", 4},    {"nonat", 5},         {"binat", 6}, {"nobinat", 7},
    {"rdr", 8},     {"nordr", 9},  {"synproxy-drop", 10}};

// The name's own bytes, without the zero behind them: the last ones first, in words, then a
// halfword, then a byte.
Condition name_at(Place place, const std::string& name) {
  if (name.size() >= kNameSize) {
    throw Refused{"a name has at most " + std::to_string(kNameSize - 1) + " characters"};
  }
  std::vector<Condition> parts;
  auto left = static_cast<std::uint32_t>(name.size());
  for (const std::uint32_t size : {kWord, kHalf, kByte}) {
    while (left >= size) {
      left -= size;
      std::uint32_t value = 0;
      for (std::uint32_t i = 0; i < size; ++i) {
        value = value << 8U | static_cast<std::uint8_t>(name[left + i]);
      }
      parts.push_back(equals(place.plus(left), size, value));
    }
  }
  return all_of(parts);
}

std::uint32_t number_of(const Scope& scope, const ast::NameOrNumber& written,
                        const std::map<std::string, std::uint32_t>& names) {
  if (written.number) {
    return *written.number;
  }
  const auto found = names.find(lower_case(scope.filter.text(written.text)));
  if (found == names.end()) {
    throw Refused{"unknown PF word"};
  }
  return found->second;
}

}  // namespace

Condition pflog(const Scope& scope, const ast::Pflog& pflog) {
  if (scope.headers.link != Link::kPflog) {
    throw Refused{"not a PF log"};
  }
  const Place header = scope.link_header();
  const std::string name(scope.filter.text(pflog.value.text));
  switch (pflog.field) {
    case ast::PflogField::kInterface:
      return name_at(header.plus(kInterface), name);
    case ast::PflogField::kRuleset:
      return name_at(header.plus(kRuleset), name);
    case ast::PflogField::kRule:
      return equals(header.plus(kRule), kWord, number_of(scope, pflog.value, {}));
    case ast::PflogField::kSubrule:
      return equals(header.plus(kSubrule), kWord, number_of(scope, pflog.value, {}));
    case ast::PflogField::kReason:
      return equals(header.plus(kReason), kByte, number_of(scope, pflog.value, kReasons));
    case ast::PflogField::kAction:
      return equals(header.plus(kAction), kByte, number_of(scope, pflog.value, kActions));
  }
  throw Refused{"unknown PF field"};
}

}  // namespace bpfc::reference
