// The link-layer headers that a filter can be compiled for.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// Rules of a link type, for the compiler.
struct LinkRules;

struct LinkType {
  std::string_view name;         // as pcap(3PCAP) spells it, without DLT_
  std::uint16_t number;          // DLT_*: what libpcap's calls take
  std::uint16_t file_number;     // LINKTYPE_*: what capture files hold
  std::string_view description;  // a few words
  const LinkRules* rules;
};

// All that are known, by number. Static storage.
std::span<const LinkType> link_types();

// By name, in any case, with or without DLT_ or LINKTYPE_, or by number in decimal: the link type's
// own, or, where none has it, that of capture files. Null: unknown.
const LinkType* find_link_type(std::string_view name);
const LinkType* find_link_type(std::uint16_t number);
// By the number that capture files use, or, where that is none's, by the link type's own.
const LinkType* find_link_type_of_file(std::uint16_t file_number);

}  // namespace bpfc
