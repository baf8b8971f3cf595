#include "bpfc/link_type.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "compiler/any_case.h"
#include "compiler/link_rules.h"
#include "compiler/payload_protocol.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

constexpr LinkRules kNull = {.payload_offset = 4, .payload_is = null_payload_is};
constexpr LinkRules kEthernet = {.type_offset = 12,
                                 .payload_offset = 14,
                                 .network_no_snap = 3,
                                 .payload_is = ethernet_payload_is,
                                 .mac = MacOffsets{.source = 6, .destination = 0},
                                 .has_llc = true,
                                 .has_vlan = true,
                                 .mpls_protocol = ethertype::kMpls};
constexpr LinkRules kPpp = {
    .payload_offset = 2, .payload_is = ppp_payload_is, .mpls_protocol = 0x0281};
constexpr LinkRules kRaw = {.payload_is = version_payload_is};
constexpr LinkRules kLoop = {.payload_offset = 4, .payload_is = loop_payload_is};
constexpr LinkRules kLinuxSll = {.type_offset = 14,
                                 .payload_offset = 16,
                                 .payload_is = sll_payload_is,
                                 .direction = DirectionField{.offset = 0, .size = 2, .outgoing = 4},
                                 .cooked_header = 16};
constexpr LinkRules kIpv4 = {.payload_is = always_ip4};
constexpr LinkRules kIpv6 = {.payload_is = always_ip6};
constexpr LinkRules kLinuxSll2 = {
    .type_offset = 0,
    .payload_offset = 20,
    .payload_is = plain_type_is,
    .direction = DirectionField{.offset = 10, .size = 1, .outgoing = 4},
    .interface_index_offset = 4,
    .cooked_header = 20};

// pcap-linktype(7). By number.
constexpr std::array kLinkTypes = {
    LinkType{"NULL", 0, 0, "BSD loopback", &kNull},
    LinkType{"EN10MB", 1, 1, "Ethernet", &kEthernet},
    LinkType{"RAW", 12, 101, "Raw IP", &kRaw},
    LinkType{"LOOP", 108, 108, "OpenBSD loopback", &kLoop},
    LinkType{"LINUX_SLL", 113, 113, "Linux cooked v1", &kLinuxSll},
    LinkType{"IPV4", 228, 228, "Raw IPv4", &kIpv4},
    LinkType{"IPV6", 229, 229, "Raw IPv6", &kIpv6},
    LinkType{"LINUX_SLL2", 276, 276, "Linux cooked v2", &kLinuxSll2},
};

// What stands inside a PPPoE session; not offered by name yet, as its other forms are not.
constexpr LinkType kPppInside = {"PPP", 9, 9, "PPP", &kPpp};

template <typename Predicate>
const LinkType* find(Predicate predicate) {
  const auto* row = std::find_if(kLinkTypes.begin(), kLinkTypes.end(), predicate);
  return row == kLinkTypes.end() ? nullptr : row;
}

}  // namespace

std::span<const LinkType> link_types() { return kLinkTypes; }

const LinkType* find_link_type(std::string_view name) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size()) return find_link_type(number);
  constexpr std::string_view kPrefix = "DLT_";
  if (equal_in_any_case(name.substr(0, kPrefix.size()), kPrefix)) {
    name.remove_prefix(kPrefix.size());
  }
  return find([&](const LinkType& row) { return equal_in_any_case(row.name, name); });
}

const LinkType* find_link_type(std::uint16_t number) {
  return find([&](const LinkType& row) { return row.number == number; });
}

const LinkType* find_link_type_of_file(std::uint16_t file_number) {
  return find([&](const LinkType& row) { return row.file_number == file_number; });
}

const LinkType& ppp_link_type() { return kPppInside; }

}  // namespace bpfc
