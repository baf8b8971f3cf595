// The link types of the tests, all of them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace bpfc::oracle {

// Link types of a family differ in offsets alone, so that all but one of them need fewer packets.
enum class LinkFamily {
  kPlain,  // none
  kLlc,
  kPpp,
  kWlan,
  kJuniper,
  kSs7,
  kBare,      // nothing but its bytes can be asked about
  kUnopened,  // the same, and libpcap 1.10.3 compiles nothing for it
};

struct TestedLinkType {
  std::string_view name;
  int number;  // DLT_*
  LinkFamily family = LinkFamily::kPlain;
};

// All that are assigned, by number. Spelt out here so that a mistake in the product's table shows.
std::span<const TestedLinkType> tested_link_types();

// The numbers by name.
const std::map<std::string, int>& link_type_numbers();

// Whether libpcap 1.10.3 can tell what a filter means on it: the last ones to be given rules it
// knows by number alone.
bool libpcap_knows_rules(int link_type);

// The same, and whether it compiles anything for it at all.
bool libpcap_judges(const TestedLinkType& link_type);

}  // namespace bpfc::oracle
