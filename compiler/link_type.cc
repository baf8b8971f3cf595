#include "bpfc/link_type.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "compiler/any_case.h"
#include "compiler/link/atm.h"
#include "compiler/link/payload_protocol.h"
#include "compiler/link/pflog.h"
#include "compiler/link/wlan.h"
#include "compiler/link_rules.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

// libpcap's mark of an offset that is not known, as it takes part in its sums.
constexpr std::uint32_t kNotSet = 0xffffffff;

constexpr LinkRules kOpaque = {};

// Address families.
constexpr LinkRules kNull = {.payload_offset = 4, .payload_is = null_payload_is};
constexpr LinkRules kLoop = {.payload_offset = 4, .payload_is = loop_payload_is};
constexpr LinkRules kEnc = {.payload_offset = 12, .payload_is = null_payload_is};
constexpr LinkRules kIpnet = {
    .payload_offset = 24,
    .network_no_snap = kNotSet,
    .payload_is = ipnet_payload_is,
    .direction = DirectionField{.offset = 2, .size = 2, .outbound = {1}, .inbound = {{2}}}};
constexpr LinkRules kPflog = {
    .variable = {.find_payload = find_pflog_payload},
    .payload_is = pflog_payload_is,
    .direction = DirectionField{.offset = 60, .size = 1, .outbound = {2}, .inbound = {{1}}},
    .is_pflog = true};

// Ethernet, and what puts a header before it or a tag into it.
constexpr LinkRules kEthernet = {.type_offset = 12,
                                 .payload_offset = 14,
                                 .network_no_snap = 3,
                                 .payload_is = ethernet_payload_is,
                                 .addresses = LinkAddresses{.source = 6, .destination = 0},
                                 .has_llc = ethernet_has_llc,
                                 .vlan = VlanSupport::kMetadata,
                                 .mpls_protocol = ethertype::kMpls};

constexpr LinkRules with_link_header(LinkRules rules, std::uint32_t offset) {
  rules.link_header = offset;
  rules.has_llc = nullptr;
  return rules;
}
constexpr LinkRules kNetanalyzer = with_link_header(kEthernet, 4);
constexpr LinkRules kNetanalyzerTransparent = with_link_header(kEthernet, 12);

// A switch's tag of four bytes behind the addresses.
constexpr LinkRules with_tag(DirectionField direction) {
  constexpr std::uint32_t kTag = 4;
  LinkRules rules = kEthernet;
  rules.type_offset += kTag;
  rules.payload_offset += kTag;
  rules.direction = direction;
  return rules;
}
constexpr LinkRules kDsaBroadcom = with_tag(
    {.offset = 12, .size = 1, .outbound = {0x20, 0xe0}, .inbound = MaskedValue{0x00, 0xe0}});
constexpr LinkRules kDsaMarvell = with_tag(
    {.offset = 12, .size = 1, .outbound = {0x40, 0xc0}, .inbound = MaskedValue{0x00, 0x40}});

// 802.2 in every frame. The network header is where SNAP's ends.
constexpr LinkRules llc_at(std::uint32_t offset) {
  return {.type_offset = offset,
          .payload_offset = offset,
          .network = 8,
          .network_no_snap = 3,
          .payload_is = llc_payload_is};
}
constexpr LinkRules kClassicalIp = llc_at(0);
constexpr LinkRules with_llc(LinkRules rules, std::optional<LinkAddresses> addresses) {
  rules.addresses = addresses;
  rules.has_llc = always_has_llc;
  return rules;
}
constexpr LinkRules kLlc = with_llc(llc_at(0), {});
constexpr LinkRules kFddi = with_llc(llc_at(13), LinkAddresses{.source = 7, .destination = 1});
constexpr LinkRules kTokenRing = with_llc(llc_at(14), LinkAddresses{.source = 8, .destination = 2});
constexpr LinkRules kFibreChannel = [] {
  LinkRules rules = llc_at(16);
  rules.addresses = LinkAddresses{.source = 10, .destination = 2};
  return rules;
}();
constexpr LinkRules kSunAtm = [] {
  LinkRules rules = llc_at(4);
  rules.payload_is = sunatm_payload_is;
  rules.has_llc = sunatm_has_llc;
  rules.is_atm = true;
  return rules;
}();

// 802.11, and the headers before it.
constexpr LinkRules kWlan = {.variable = {.find_payload = find_wlan_payload},
                             .network = 8,
                             .network_no_snap = 3,
                             .payload_is = wlan_payload_is,
                             .is_wlan = true,
                             .has_llc = wlan_has_llc,
                             .vlan = VlanSupport::kInBand};
constexpr LinkRules wlan_behind(ConditionIndex (*find_link_header)(Lowering&, std::uint32_t)) {
  LinkRules rules = kWlan;
  rules.variable.find_link_header = find_link_header;
  rules.has_radio = true;
  return rules;
}
constexpr LinkRules kPrism = [] {
  LinkRules rules = wlan_behind(find_behind_prism);
  rules.unoptimized_in_libpcap = true;
  return rules;
}();
constexpr LinkRules kAvs = wlan_behind(find_behind_avs);
constexpr LinkRules kRadiotap = [] {
  LinkRules rules = wlan_behind(find_behind_radiotap);
  rules.variable.find_payload = find_radiotap_payload;
  return rules;
}();
constexpr LinkRules kPpi = [] {
  LinkRules rules = wlan_behind(find_behind_radiotap);
  rules.is_link_type = ppi_holds_wlan;
  rules.has_radio = false;
  rules.vlan = VlanSupport::kNone;
  return rules;
}();

// Serial lines.
constexpr LinkRules kPpp = {
    .type_offset = 2, .payload_offset = 4, .payload_is = ppp_payload_is, .mpls_protocol = 0x0281};
constexpr LinkRules kPppSerial = {
    .type_offset = 2, .payload_offset = 4, .payload_is = ppp_payload_is};
constexpr LinkRules kPppPppd = [] {
  LinkRules rules = kPppSerial;
  rules.direction = DirectionField{.offset = 0, .size = 1, .outbound = {1}, .inbound = {{0}}};
  return rules;
}();
constexpr LinkRules kPppEther = {
    .type_offset = 6, .payload_offset = 8, .payload_is = ppp_payload_is};
constexpr LinkRules kPppBsdos = {
    .type_offset = 5, .payload_offset = 24, .payload_is = ppp_bsdos_payload_is};
// In a PPPoE session: no address and control bytes before the type.
constexpr LinkRules kPppSession = {
    .payload_offset = 2, .payload_is = ppp_payload_is, .mpls_protocol = 0x0281};
constexpr LinkRules kCiscoHdlc = {.type_offset = 2,
                                  .payload_offset = 4,
                                  .payload_is = cisco_payload_is,
                                  .iso_protocol_is = cisco_iso_protocol_is,
                                  .isis_pdu_type = 5,
                                  .mpls_protocol = ethertype::kMpls};
constexpr LinkRules kFrameRelay = {.payload_is = frame_relay_payload_is,
                                   .iso_protocol_is = frame_relay_iso_protocol_is};
constexpr LinkRules kSlip = {
    .payload_offset = 16,
    .payload_is = version_payload_is,
    .direction = DirectionField{.offset = 0, .size = 1, .outbound = {1}, .inbound = {{0}}}};
constexpr LinkRules kSlipBsdos = {.payload_offset = 24, .payload_is = version_payload_is};

// Nothing before the network header.
constexpr LinkRules kRaw = {.payload_is = version_payload_is};
constexpr LinkRules kIpv4 = {.payload_is = always_ip4};
constexpr LinkRules kIpv6 = {.payload_is = always_ip6};
constexpr LinkRules kLocalTalk = {.payload_is = always_atalk};

// An ethertype.
constexpr LinkRules kLinuxSll = {
    .type_offset = 14,
    .payload_offset = 16,
    .payload_is = sll_payload_is,
    .direction = DirectionField{.offset = 0, .size = 2, .outbound = {4}},
    .vlan = VlanSupport::kCooked,
    .cooked_header = 16};
constexpr LinkRules kLinuxSll2 = {
    .type_offset = 0,
    .payload_offset = 20,
    .payload_is = plain_type_is,
    .direction = DirectionField{.offset = 10, .size = 1, .outbound = {4}},
    .interface_index_offset = 4,
    .vlan = VlanSupport::kCooked,
    .cooked_header = 20};
constexpr LinkRules kFirewire = {
    .type_offset = 16, .payload_offset = 18, .payload_is = plain_type_is};
constexpr LinkRules kSymantecFirewall = {
    .type_offset = 6, .payload_offset = 44, .payload_is = plain_type_is};

// Addresses of one byte.
constexpr LinkRules arcnet_at(std::uint32_t type_offset, std::uint32_t payload_offset) {
  return {.type_offset = type_offset,
          .payload_offset = payload_offset,
          .payload_is = arcnet_payload_is,
          .addresses = LinkAddresses{.source = 0, .destination = 1, .size = 1},
          .broadcast = 0};
}
constexpr LinkRules kArcnet = arcnet_at(2, 6);
constexpr LinkRules kArcnetLinux = arcnet_at(4, 8);
constexpr LinkRules kBacnet = {.addresses = LinkAddresses{.source = 4, .destination = 3, .size = 1},
                               .has_multicast = false};

// Juniper's cookies. Where the payload is not known libpcap computes on with -1, and so do we.
constexpr LinkRules juniper(std::uint32_t payload, std::uint32_t network,
                            std::uint32_t network_no_snap) {
  return {.payload_offset = payload,
          .network = network,
          .network_no_snap = network_no_snap,
          .payload_is = juniper_payload_is,
          .direction = DirectionField{
              .offset = 3, .size = 1, .outbound = {0, 1}, .inbound = MaskedValue{1, 1}}};
}
constexpr LinkRules kJuniperMultilink = juniper(4, 0, kNotSet);
constexpr LinkRules kJuniperAtm1 = juniper(4, 0, 10);
constexpr LinkRules kJuniperAtm2 = juniper(8, 0, 10);
constexpr LinkRules kJuniperEthernet = juniper(14, 18, 21);
constexpr LinkRules kJuniperPppoeAtm = juniper(6, 0, kNotSet);
constexpr LinkRules kJuniperGgsn = juniper(12, 0, kNotSet);
constexpr LinkRules kJuniperMonitor = juniper(12, 0, kNotSet);
constexpr LinkRules kJuniperOpaque = juniper(kNotSet, kNotSet, kNotSet);

// SS7.
constexpr LinkRules mtp2_at(std::uint32_t offset) {
  return {.ss7 = Ss7Fields{.length_indicator = offset + 2,
                           .high_speed_length_indicator = offset + 4,
                           .service_information = offset + 3,
                           .point_codes = offset + 4,
                           .link_selection = offset + 7}};
}
constexpr LinkRules kMtp2 = mtp2_at(0);
constexpr LinkRules kMtp2WithHeader = mtp2_at(4);
constexpr LinkRules kErf = mtp2_at(20);

constexpr std::array kLinkTypes = {
#define BPFC_LINK_TYPE(name, number, file_number, description, rules) \
  LinkType{#name, number, file_number, description, &(rules)},
#include "compiler/link_type.def"
#undef BPFC_LINK_TYPE
};

constexpr LinkType kPppInside = {"PPP", 9, 9, "PPP", &kPppSession};

// Other names for some of them.
struct Alias {
  std::string_view alias;
  std::string_view name;
};
constexpr std::array kAliases = {Alias{"IEEE802_15_4_WITHFCS", "IEEE802_15_4"},
                                 Alias{"USB", "USB_FREEBSD"},
                                 Alias{"ETHERNET", "EN10MB"},
                                 Alias{"EXP_ETHERNET", "EN3MB"},
                                 Alias{"IEEE802_5", "IEEE802"},
                                 Alias{"ARCNET_BSD", "ARCNET"},
                                 Alias{"PPP_HDLC", "PPP_SERIAL"},
                                 Alias{"IEEE802_11_PRISM", "PRISM_HEADER"},
                                 Alias{"IEEE802_11_RADIOTAP", "IEEE802_11_RADIO"},
                                 Alias{"IEEE802_11_AVS", "IEEE802_11_RADIO_AVS"}};

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
  if (error == std::errc() && end == name.data() + name.size()) {
    const LinkType* row = find_link_type(number);
    return row != nullptr ? row : find_link_type_of_file(number);
  }
  for (const std::string_view prefix : {"DLT_", "LINKTYPE_"}) {
    if (!equal_in_any_case(name.substr(0, prefix.size()), prefix)) continue;
    name.remove_prefix(prefix.size());
    break;
  }
  for (const Alias& row : kAliases) {
    if (equal_in_any_case(row.alias, name)) name = row.name;
  }
  return find([&](const LinkType& row) { return equal_in_any_case(row.name, name); });
}

const LinkType* find_link_type(std::uint16_t number) {
  return find([&](const LinkType& row) { return row.number == number; });
}

const LinkType* find_link_type_of_file(std::uint16_t file_number) {
  const LinkType* row =
      find([&](const LinkType& candidate) { return candidate.file_number == file_number; });
  // Old files have the writing system's own numbers.
  return row != nullptr ? row : find_link_type(file_number);
}

const LinkType& ppp_link_type() { return kPppInside; }

const LinkType& ethernet_link_type() {
  constexpr std::uint16_t kNumber = 1;
  return *find_link_type(kNumber);
}

}  // namespace bpfc
